import { library } from '../test/library.js';
import { at, operation } from '../test/parts.js';

describe('an OpenAPI document of streams and of bytes', () => {
  it('offers a stream in three forms, the standard one first, and resumes it', () => {
    const policy = { stream: { form: 'SSE', eventIdField: 'name', resumeField: 'after' } };
    const document = library({ Watch: { input: 'Find', http: { get: '/v1/books:watch' }, policy, streams: true } });
    const watch = operation(document, '/v1/books:watch', 'get');
    expect(Object.keys(Object(at(watch, 'responses', '200', 'content')))).toEqual([
      'text/event-stream',
      'application/x-ndjson',
      'application/json',
    ]);
    expect(at(watch, 'parameters')).toContainEqual(
      expect.objectContaining({
        ...{ name: 'Last-Event-ID', in: 'header' },
        schema: { anyOf: [expect.objectContaining({ type: 'string' }), { const: '' }] },
      }),
    );
  });

  it('offers a stream of requests as lines or documents, and both ways over WebSocket', () => {
    const rule = { http: { post: '/v1/books:add', body: '*' }, input: 'Book', sends: true } as const;
    const one = operation(library({ Add: rule }), '/v1/books:add', 'post');
    expect(at(one, 'requestBody', 'content')).toMatchObject({
      'application/x-ndjson': { schema: { type: 'string' }, 'x-line': expect.anything() },
      'application/json': { schema: { type: 'string' }, 'x-item': expect.anything() },
    });
    expect(Object.keys(Object(at(one, 'responses', '200', 'content')))).toEqual(['application/json']);
    expect(at(one, 'x-websocket')).toBeUndefined();
    const both = operation(library({ Add: { ...rule, streams: true } }), '/v1/books:add', 'post');
    expect(Object.keys(Object(at(both, 'responses', '200', 'content')))).toContain('application/x-ndjson');
    expect(at(both, 'x-websocket', 'subprotocol')).toBe('gateway.v1.json');
    expect(at(both, 'responses', '429')).toBeDefined();
  });

  it('tells bytes as bytes, both ways', () => {
    const body = { input: 'File', output: 'google.api.HttpBody', http: { put: '/v1/files', body: 'body' } } as const;
    const put = operation(library({ Put: body }), '/v1/files', 'put');
    expect(at(put, 'requestBody', 'content')).toEqual({ '*/*': {} });
    expect(at(put, 'responses', '200', 'content')).toEqual({ '*/*': {} });
  });
});
