import { isIP } from 'node:net';
import { z } from 'zod';
import { appEnvironment, commaList, httpUrl, listenAddress, serviceEnvironment } from '#libs/service';

function isAddressOrNetwork(text: string): boolean {
  const [address = '', bits, ...rest] = text.split('/');
  const version = isIP(address);
  if (version === 0 || rest.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 6 ? 128 : 32));
}

function isOrigin(text: string): boolean {
  return text === '*' || (URL.canParse(text) && new URL(text).origin === text);
}

/** What the gateway reads from its environment; gateway.yaml may name further variables. */
export const gatewayEnvironment = appEnvironment.extend({
  HTTP_LISTEN: listenAddress.describe('host:port of the REST API, e.g. 127.0.0.1:8080'),
  GATEWAY_CONFIG: z.string().default('apps/gateway/gateway.yaml').describe('path of the file that names the APIs'),
  DATABASE_URL: serviceEnvironment.shape.DATABASE_URL,
  TOKEN_ISSUER: z
    .url()
    .default('https://users.ineedthatfast.example')
    .describe('the iss of access tokens, e.g. https://users.ineedthatfast.example'),
  TOKEN_AUDIENCE: z.string().default('ineedthatfast').describe('the aud of access tokens, e.g. ineedthatfast'),
  TOKEN_JWKS_URL: httpUrl.describe(
    'where the public keys of access tokens are, e.g. http://127.0.0.1:9101/.well-known/jwks.json',
  ),
  REDIS_URL: z
    .url({ protocol: /^rediss?$/, error: 'is not a redis:// URL' })
    .optional()
    .describe('redis://host:port of a Redis or Valkey that replicas share throttle buckets in'),
  CORS_ORIGINS: commaList
    .refine((origins) => origins.every(isOrigin), 'has an entry that is no origin')
    .default([])
    .describe('origins of web pages that may call the API, separated by commas, e.g. https://shop.example'),
  TRUSTED_PROXIES: commaList
    .refine((proxies) => proxies.every(isAddressOrNetwork), 'has an entry that is no IP address or network')
    .default([])
    .describe(
      'addresses or networks of proxies whose X-Forwarded-For is believed, separated by commas, e.g. 10.0.0.0/8',
    ),
});

export type GatewayEnvironment = z.output<typeof gatewayEnvironment>;
