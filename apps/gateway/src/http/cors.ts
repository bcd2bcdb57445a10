import type { CorsOptions } from 'cors';

/** What web pages of the configured origins may send and read. Tokens travel in a header, so cookies are not asked for. */
export function corsOptions(origins: readonly string[]): CorsOptions {
  return {
    origin: origins.includes('*') ? '*' : [...origins],
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
    allowedHeaders: [
      'Authorization',
      'Content-Type',
      'Idempotency-Key',
      'Last-Event-ID',
      'Prefer',
      'Request-Timeout',
      'traceparent',
    ],
    exposedHeaders: [
      'Allow',
      'Idempotent-Replayed',
      'Location',
      'Preference-Applied',
      'RateLimit-Limit',
      'RateLimit-Policy',
      'RateLimit-Remaining',
      'RateLimit-Reset',
      'Retry-After',
      'traceresponse',
      'WWW-Authenticate',
    ],
    maxAge: 600,
    // Preflights go on to our own OPTIONS, which knows what exists at the path.
    preflightContinue: true,
  };
}
