import { create, toBinary } from '@bufbuild/protobuf';
import { anyPack } from '@bufbuild/protobuf/wkt';
import { Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { Code, DebugInfoSchema, HelpSchema, StatusSchema } from '#libs/contracts';
import { ADVICE, DomainError, ERRORS, fromServiceError, isErrorCode, toServiceError } from './index.js';

describe('the table of errors', () => {
  it('gives every row a real HTTP status and a text that ends like a sentence', () => {
    for (const [code, row] of Object.entries(ERRORS)) {
      expect([code, row.http >= 400 && row.http < 600]).toEqual([code, true]);
      expect(row.text).toMatch(/^[A-Z].*\.$/);
      expect(ADVICE[code as keyof typeof ERRORS]).toMatch(/^[A-Z].*\.$/);
    }
  });

  it('knows its own codes and no inherited names', () => {
    expect(isErrorCode('EMAIL_TAKEN')).toBe(true);
    expect(isErrorCode('constructor')).toBe(false);
    expect(isErrorCode(undefined)).toBe(false);
  });
});

describe('an error on its way over gRPC', () => {
  it('keeps reason, violations, retry delay and metadata', () => {
    const sent = new DomainError('VALIDATION_FAILED', {
      violations: [{ field: 'lines[0].sku', description: 'must not be empty', reason: 'string.min_len' }],
      retryAfterSeconds: 1.5,
      metadata: { limit: '3' },
    });
    expect(fromServiceError(toServiceError(sent))).toMatchObject({
      grpc: Code.INVALID_ARGUMENT,
      reason: 'VALIDATION_FAILED',
      domain: 'ineedthatfast',
      message: ERRORS.VALIDATION_FAILED.text,
      violations: [{ field: 'lines[0].sku', description: 'must not be empty', reason: 'string.min_len' }],
      retryAfterSeconds: 1.5,
      metadata: { limit: '3' },
    });
  });

  it('keeps quotas, preconditions, help and words for a person', () => {
    const details = {
      quotaViolations: [{ subject: 'bucket:principal', description: 'holds 2' }],
      preconditionViolations: [{ type: 'TOS', subject: 'user', description: 'accept the terms' }],
      help: [{ description: 'Limits', url: 'https://example.com/limits' }],
      localizedMessage: { locale: 'de', message: 'Zu viele Anfragen.' },
    };
    expect(fromServiceError(toServiceError(new DomainError('THROTTLED', { details }))).details).toEqual(details);
  });

  it('says nothing about an unknown error', () => {
    const sent = toServiceError(new TypeError('password=hunter2'));
    expect(sent.code).toBe(status.INTERNAL);
    expect(JSON.stringify([sent.details, sent.message, sent.metadata.toJSON()])).not.toContain('hunter2');
    expect(Buffer.concat(sent.metadata.get('grpc-status-details-bin') as Buffer[]).toString()).not.toContain('hunter2');
  });

  it('never sends the cause', () => {
    const sent = toServiceError(new DomainError('EMAIL_TAKEN', { cause: new Error('hunter2') }));
    expect(Buffer.concat(sent.metadata.get('grpc-status-details-bin') as Buffer[]).toString()).not.toContain('hunter2');
    expect(sent.cause).toBeUndefined();
  });

  it('keeps what a caller can act on when another service fails, and hides the rest', () => {
    const failure = (code: status): ServiceError =>
      Object.assign(new Error('x'), { code, details: 'secret address', metadata: new Metadata() });
    expect(toServiceError(failure(status.UNAVAILABLE))).toMatchObject({ code: status.UNAVAILABLE });
    expect(toServiceError(failure(status.DEADLINE_EXCEEDED))).toMatchObject({ code: status.DEADLINE_EXCEEDED });
    const denied = toServiceError(failure(status.PERMISSION_DENIED));
    expect(denied.code).toBe(status.INTERNAL);
    expect(denied.details).not.toContain('secret address');
  });
});

describe('an error that came from elsewhere', () => {
  it('is read without details', () => {
    const received = fromServiceError(
      Object.assign(new Error('x'), { code: status.NOT_FOUND, details: 'no such thing', metadata: new Metadata() }),
    );
    expect(received).toEqual({
      grpc: Code.NOT_FOUND,
      message: 'no such thing',
      violations: [],
      metadata: {},
      details: {},
    });
  });

  it('is read without what is for its own operators, and without links that a browser would run', () => {
    const status = create(StatusSchema, {
      code: 8,
      details: [
        anyPack(DebugInfoSchema, create(DebugInfoSchema, { detail: 'hunter2', stackEntries: ['at secret.ts'] })),
        anyPack(HelpSchema, create(HelpSchema, { links: [{ url: 'javascript:alert(1)', description: 'x' }] })),
      ],
    });
    const metadata = new Metadata();
    metadata.set('grpc-status-details-bin', Buffer.from(toBinary(StatusSchema, status)));
    const { details } = fromServiceError({ code: 8, details: '', metadata });
    expect(details).toEqual({ help: [] });
  });

  it('survives details that are not a google.rpc.Status', () => {
    const metadata = new Metadata();
    metadata.set('grpc-status-details-bin', Buffer.from([0xff, 0xff, 0xff]));
    expect(fromServiceError({ code: 99, details: 1, metadata })).toEqual({
      grpc: Code.UNKNOWN,
      message: '',
      violations: [],
      metadata: {},
      details: {},
    });
  });

  it('is UNKNOWN when it is no gRPC error at all', () => {
    expect(fromServiceError('boom').grpc).toBe(Code.UNKNOWN);
  });
});
