import { Metadata, status } from '@grpc/grpc-js';
import { ForbiddenException, NotFoundException } from '@nestjs/common';
import { Code } from '#libs/contracts';
import { DomainError, ERRORS, type ErrorCode, fromServiceError, toServiceError } from '#libs/errors';
import { describeFailure, UpstreamFailure } from './failure.js';
import { problemOf, rawProblem } from './problem.js';

const foreign = (code: status, details = 'internal words') =>
  new UpstreamFailure(
    'toy.A',
    fromServiceError(Object.assign(new Error('x'), { code, details, metadata: new Metadata() })),
    undefined,
  );

describe('a failure', () => {
  it.each(Object.keys(ERRORS) as ErrorCode[])('%s is told alike whether the gateway or a service raises it', (code) => {
    const own = describeFailure(new DomainError(code));
    const sent = new UpstreamFailure('toy.A', fromServiceError(toServiceError(new DomainError(code))), undefined);
    expect(describeFailure(sent)).toEqual(own);
    expect(own).toMatchObject({ status: ERRORS[code].http, code, title: ERRORS[code].text });
  });

  it.each([
    [status.INVALID_ARGUMENT, 400],
    [status.FAILED_PRECONDITION, 400],
    [status.OUT_OF_RANGE, 400],
    [status.UNAUTHENTICATED, 401],
    [status.PERMISSION_DENIED, 403],
    [status.NOT_FOUND, 404],
    [status.ALREADY_EXISTS, 409],
    [status.ABORTED, 409],
    [status.RESOURCE_EXHAUSTED, 429],
  ])('of a service that knows no table has the status of its gRPC code %i and its words', (code, http) => {
    expect(describeFailure(foreign(code))).toMatchObject({
      status: http,
      code: status[code],
      detail: 'internal words',
    });
  });

  it.each([
    [status.CANCELLED, 499, 'CANCELLED'],
    [status.UNKNOWN, 500, 'INTERNAL'],
    [status.INTERNAL, 500, 'INTERNAL'],
    [status.DATA_LOSS, 500, 'INTERNAL'],
    [status.UNIMPLEMENTED, 501, 'UNIMPLEMENTED'],
    [status.UNAVAILABLE, 503, 'UPSTREAM_UNAVAILABLE'],
    [status.DEADLINE_EXCEEDED, 504, 'DEADLINE_EXCEEDED'],
  ])('of gRPC code %i is %i, in words of ours', (code, http, ours) => {
    const failure = describeFailure(foreign(code));
    expect(failure).toMatchObject({ status: http, code: ours });
    expect(JSON.stringify(failure)).not.toContain('internal words');
  });

  it('of Nest keeps its status; any other is ours and says nothing', () => {
    expect(describeFailure(new ForbiddenException())).toMatchObject({ status: 403, code: 'PERMISSION_DENIED' });
    expect(describeFailure(new NotFoundException())).toMatchObject({ status: 404, code: 'ROUTE_NOT_FOUND' });
    const secret = describeFailure(new TypeError('password=hunter2'));
    expect(secret).toMatchObject({ status: 500, code: 'INTERNAL', isFault: true });
    expect(JSON.stringify(secret)).not.toContain('hunter2');
  });

  it('says when to try again where that may help', () => {
    expect(describeFailure(new DomainError('THROTTLED', { retryAfterSeconds: 0.2 })).retryAfterSeconds).toBe(1);
    expect(describeFailure(foreign(status.UNAVAILABLE)).retryAfterSeconds).toBe(1);
    expect(describeFailure(new DomainError('NOT_FOUND')).retryAfterSeconds).toBeUndefined();
  });
});

describe('a problem document', () => {
  it('has the members of RFC 9457 and ours', () => {
    const violations = [{ field: 'lines[0].sku', description: 'is unknown', reason: 'x' }];
    const failure = describeFailure(
      new DomainError('UNKNOWN_SKU', { message: 'No mug.', violations, metadata: { a: 'b' } }),
    );
    expect(problemOf(failure, 'abc')).toEqual({
      type: '/errors/UNKNOWN_SKU',
      title: 'A line names a product that does not exist.',
      status: 400,
      detail: 'No mug.',
      code: 'UNKNOWN_SKU',
      domain: 'ineedthatfast',
      traceId: 'abc',
      violations: [{ field: 'lines[0].sku', description: 'is unknown', reason: 'x' }],
      metadata: { a: 'b' },
    });
  });

  it('names no page of ours for the code of a foreign service, and hands its details on', () => {
    const details = {
      quotaViolations: [{ subject: 'project:1', description: 'Limit 5.' }],
      help: [{ description: 'Limits', url: 'https://toys.example/limits' }],
    };
    const received = { grpc: Code.RESOURCE_EXHAUSTED, message: 'Slow down.', violations: [], metadata: {}, details };
    const told = (reason: string, domain: string) =>
      problemOf(describeFailure(new UpstreamFailure('toy.A', { ...received, reason, domain }, undefined)), undefined);
    expect(told('TOY_LIMIT', 'toys.example')).toEqual({
      type: 'about:blank',
      title: 'Too Many Requests',
      status: 429,
      detail: 'Slow down.',
      code: 'TOY_LIMIT',
      domain: 'toys.example',
      retryAfter: 1,
      ...details,
    });
    // Even where it happens to use a word of ours.
    expect(told('THROTTLED', 'toys.example').type).toBe('about:blank');
    expect(told('THROTTLED', 'ineedthatfast').type).toBe('/errors/THROTTLED');
  });

  it('can be a whole answer of its own', () => {
    const answer = rawProblem(describeFailure(new DomainError('HEADERS_TOO_LARGE')), {
      traceId: undefined,
      headers: { 'X-A': 'b' },
    });
    expect(answer).toMatch(
      /^HTTP\/1\.1 431 Request Header Fields Too Large\r\nX-A: b\r\nContent-Type: application\/problem\+json\r\n/,
    );
    const [head = '', body = ''] = answer.split('\r\n\r\n');
    expect(head).toContain(`Content-Length: ${Buffer.byteLength(body)}`);
    expect(JSON.parse(body).code).toBe('HEADERS_TOO_LARGE');
  });
});
