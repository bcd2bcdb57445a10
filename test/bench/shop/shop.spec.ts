import { httpRequest } from './http-request.js';
import { CASES, KINDS, kindsNamed, withTimestampMessages } from './shop.js';

const bytesOf = (value: unknown) => Buffer.byteLength(JSON.stringify(value));

describe('the requests of the benchmark', () => {
  it('are of the sizes that the page tells', () => {
    expect(bytesOf(CASES.get.response)).toBe(329);
    expect(Math.round(bytesOf(CASES.list.response) / 100) / 10).toBe(16.6);
    expect(CASES.create.body?.lines).toHaveLength(5);
  });

  it.each(KINDS)('%s has no field in its answer that gateways may leave out', (kind) => {
    const empty: string[] = [];
    JSON.stringify(CASES[kind].response, (key, value) => {
      if (
        value === 0 ||
        value === '' ||
        value === false ||
        value === null ||
        (Array.isArray(value) && value.length === 0)
      )
        empty.push(key);
      return value;
    });
    expect(empty).toEqual([]);
  });

  it('are chosen by name', () => {
    expect(kindsNamed('create,get')).toEqual(['create', 'get']);
    expect(() => kindsNamed('get,patch')).toThrow('--kinds patch: there are get, list, create');
  });

  it('are HTTP/1.1, with a token where there is one, and the length of the body in bytes', () => {
    const [head = '', body = ''] = httpRequest(CASES.create, '127.0.0.1:80', 'abc').toString().split('\r\n\r\n');
    expect(head.split('\r\n')).toEqual(
      expect.arrayContaining([
        'POST /v1/orders HTTP/1.1',
        'Authorization: Bearer abc',
        `Content-Length: ${Buffer.byteLength(body)}`,
      ]),
    );
    expect(body).toContain('Gärtnerstraße');
    expect(JSON.parse(body)).toEqual(CASES.create.body);
    const read = httpRequest(CASES.get, 'h').toString();
    expect(read).not.toContain('Authorization');
    expect(read.endsWith('\r\n\r\n')).toBe(true);
  });

  it('are answered with timestamps as texts, or as messages of seconds and nanos', () => {
    expect(withTimestampMessages({ a: [{ at: '2026-01-15T09:30:12.345Z', id: '7' }] })).toEqual({
      a: [{ at: { seconds: '1768469412', nanos: 345_000_000 }, id: '7' }],
    });
  });
});
