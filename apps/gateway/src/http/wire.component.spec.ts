import { Connection, type RawAnswer } from '../../test/connection.js';
import { TestGateway } from '../../test/test-gateway.js';

const HOST = 'Host: shop.example\r\n';
const GOOD = `GET /healthz HTTP/1.1\r\n${HOST}\r\n`;
const JSON_TYPE = 'Content-Type: application/json\r\n';
const get = (target: string, headers = '', method = 'GET') => `${method} ${target} HTTP/1.1\r\n${HOST}${headers}\r\n`;
const post = (headers: string, body = '') => `POST /v1/users HTTP/1.1\r\n${HOST}${headers}\r\n${body}`;
const json = (body: string, headers = '') => post(`${JSON_TYPE}Content-Length: ${body.length}\r\n${headers}`, body);

interface Row {
  bytes: string;
  /** Status and code of each answer, in order; a bare status where it is no problem. */
  answers: (number | [status: number, code: string])[];
  fate: 'kept' | 'closed';
  /** Of the last answer. */
  headers?: Record<string, string | RegExp>;
  /** In the text of the last answer. */
  says?: string | RegExp;
  /** The client says that it sends no more. */
  finish?: true;
}

const BAD: Row['answers'] = [[400, 'BAD_REQUEST']];

const SYNTAX: Record<string, Row> = {
  'no HTTP at all': { bytes: 'hello\r\n\r\n', answers: BAD, fate: 'closed' },
  'a TLS greeting': { bytes: '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', answers: BAD, fate: 'closed' },
  'the preface of HTTP/2': { bytes: 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', answers: BAD, fate: 'closed' },
  'an unknown version': { bytes: `GET / HTTP/9.9\r\n${HOST}\r\n`, answers: BAD, fate: 'closed' },
  'a method no standard has': { bytes: get('/', '', 'FROB'), answers: BAD, fate: 'closed' },
  'a method in lower case': { bytes: get('/', '', 'get'), answers: BAD, fate: 'closed' },
  'a header without colon': { bytes: get('/', 'bad header\r\n'), answers: BAD, fate: 'closed' },
  'a space before the colon': { bytes: get('/', 'X-A : b\r\n'), answers: BAD, fate: 'closed' },
  'an obsolete line folding': { bytes: get('/', 'X-A: b\r\n c\r\n'), answers: BAD, fate: 'closed' },
  'a NUL in a header': { bytes: get('/', 'X-A: b\0c\r\n'), answers: BAD, fate: 'closed' },
  'a bare CR in a header': { bytes: get('/', 'X-A: b\rX-B: c\r\n'), answers: BAD, fate: 'closed' },
  'a bare LF after a header': { bytes: get('/', 'X-A: b\n'), answers: BAD, fate: 'closed' },
  'a space in the target': { bytes: get('/v1/ products'), answers: BAD, fate: 'closed' },
  'a NUL in the target': { bytes: get('/v1/\0products'), answers: BAD, fate: 'closed' },
  'half a request': { bytes: `GET / HTTP/1.1\r\n${HOST}`, finish: true, answers: BAD, fate: 'closed' },
};

const FRAMING: Record<string, Row> = {
  'a length and chunks': {
    bytes: post(`${JSON_TYPE}Content-Length: 3\r\nTransfer-Encoding: chunked\r\n`, '0\r\n\r\n'),
    answers: BAD,
    fate: 'closed',
  },
  'two lengths': { bytes: post('Content-Length: 1\r\nContent-Length: 2\r\n', 'ab'), answers: BAD, fate: 'closed' },
  'two equal lengths': {
    bytes: post('Content-Length: 2\r\nContent-Length: 2\r\n', '{}'),
    answers: BAD,
    fate: 'closed',
  },
  'a list of lengths': { bytes: post('Content-Length: 2, 2\r\n', '{}'), answers: BAD, fate: 'closed' },
  'a negative length': { bytes: post('Content-Length: -1\r\n'), answers: BAD, fate: 'closed' },
  'a length with a sign': { bytes: post('Content-Length: +2\r\n', '{}'), answers: BAD, fate: 'closed' },
  'a length beyond all numbers': { bytes: post(`Content-Length: ${'9'.repeat(40)}\r\n`), answers: BAD, fate: 'closed' },
  'the coding identity': { bytes: post('Transfer-Encoding: identity\r\n', '{}'), answers: BAD, fate: 'closed' },
  'the coding xchunked': { bytes: post('Transfer-Encoding: xchunked\r\n', '0\r\n\r\n'), answers: BAD, fate: 'closed' },
  'chunked before another coding': {
    bytes: post('Transfer-Encoding: chunked, identity\r\n', '0\r\n\r\n'),
    answers: BAD,
    fate: 'closed',
  },
  'chunked with a vertical tab': {
    bytes: post('Transfer-Encoding: \x0bchunked\r\n', '0\r\n\r\n'),
    answers: BAD,
    fate: 'closed',
  },
  'a chunk whose size is no number': {
    bytes: post(`${JSON_TYPE}Transfer-Encoding: chunked\r\n`, 'zz\r\n{}\r\n0\r\n\r\n'),
    answers: BAD,
    fate: 'closed',
  },
  'a chunk longer than its size': {
    bytes: post(`${JSON_TYPE}Transfer-Encoding: chunked\r\n`, '1\r\n{}\r\n0\r\n\r\n'),
    answers: BAD,
    fate: 'closed',
  },
  'a body that ends too early': {
    bytes: post(`${JSON_TYPE}Content-Length: 20\r\n`, '{"email":'),
    finish: true,
    answers: BAD,
    fate: 'closed',
  },
};

const PIPELINE: Record<string, Row> = {
  'two requests at once': { bytes: GOOD + GOOD, answers: [200, 200], fate: 'kept' },
  'no request behind a good one': { bytes: `${GOOD}rubbish\r\n\r\n`, answers: [200, ...BAD], fate: 'closed' },
  'no request behind one that takes its time': {
    bytes: `${get('/v1/products/slow')}rubbish\r\n\r\n`,
    answers: [200, ...BAD],
    fate: 'closed',
  },
  'a broken body behind a good request': {
    bytes: GOOD + post(`${JSON_TYPE}Transfer-Encoding: chunked\r\n`, 'zz\r\n'),
    answers: [200, ...BAD],
    fate: 'closed',
  },
  'a request behind the last one': {
    bytes: get('/healthz', 'Connection: close\r\n') + GOOD,
    answers: [200],
    fate: 'closed',
    headers: { connection: 'close' },
  },
  'a request hidden behind a length': {
    bytes: json('{}GET /v1/orders HTTP/1.1', ''),
    answers: [[400, 'MALFORMED_BODY']],
    fate: 'kept',
  },
  'HTTP/1.0': { bytes: 'GET /healthz HTTP/1.0\r\n\r\n', answers: [200], fate: 'closed' },
};

const PROTOCOL: Record<string, Row> = {
  'no Host': {
    bytes: 'GET /healthz HTTP/1.1\r\n\r\n',
    answers: BAD,
    fate: 'kept',
    says: 'The Host header is missing.',
  },
  'two Hosts': {
    bytes: get('/healthz', 'Host: evil.example\r\n'),
    answers: BAD,
    fate: 'kept',
    says: 'more than one Host',
  },
  'a Host that is none': {
    bytes: 'GET /healthz HTTP/1.1\r\nHost: a/b@c\r\n\r\n',
    answers: BAD,
    fate: 'kept',
    says: 'is no host',
  },
  'an empty Host': { bytes: 'GET /healthz HTTP/1.1\r\nHost:\r\n\r\n', answers: [200], fate: 'kept' },
  'an IPv6 Host': { bytes: 'GET /healthz HTTP/1.1\r\nHost: [::1]:8080\r\n\r\n', answers: [200], fate: 'kept' },
  'an expectation nobody knows': {
    bytes: json('{}', 'Expect: foo\r\n'),
    answers: [[417, 'EXPECTATION_FAILED']],
    fate: 'kept',
  },
  'a tunnel': {
    bytes: get('db.internal:5432', '', 'CONNECT'),
    answers: [[405, 'METHOD_NOT_ALLOWED']],
    fate: 'closed',
    headers: { allow: '' },
  },
  'a tunnel behind a good request': {
    bytes: GOOD + get('db.internal:5432', '', 'CONNECT'),
    answers: [200, [405, 'METHOD_NOT_ALLOWED']],
    fate: 'closed',
  },
  'a wish for WebSocket': {
    bytes: get('/v1/products', 'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n'),
    answers: [200],
    fate: 'kept',
  },
  'a wish for HTTP/2': {
    bytes: get('/v1/products', 'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n'),
    answers: [200],
    fate: 'kept',
  },
  'TRACE, which would repeat secrets': {
    bytes: get('/v1/products', 'Cookie: hunter2\r\n', 'TRACE'),
    answers: [[405, 'METHOD_NOT_ALLOWED']],
    fate: 'kept',
    headers: { allow: /GET/ },
  },
  'a method of another standard': {
    bytes: get('/v1/orders', '', 'PROPFIND'),
    answers: [[405, 'METHOD_NOT_ALLOWED']],
    fate: 'kept',
    headers: { allow: 'GET, HEAD, OPTIONS, POST' },
  },
  'OPTIONS of a path': {
    bytes: get('/v1/orders', '', 'OPTIONS'),
    answers: [204],
    fate: 'kept',
    headers: { allow: 'GET, HEAD, OPTIONS, POST' },
  },
};

const TARGETS: Record<string, Row> = {
  'the absolute form': { bytes: get('http://elsewhere.example/v1/products'), answers: [200], fate: 'kept' },
  'the absolute form of nothing': {
    bytes: get('http://elsewhere.example'),
    answers: [[404, 'ROUTE_NOT_FOUND']],
    fate: 'kept',
  },
  'the asterisk form': { bytes: get('*', '', 'OPTIONS'), answers: [[404, 'ROUTE_NOT_FOUND']], fate: 'kept' },
  'two slashes': { bytes: get('//v1/products'), answers: [[404, 'ROUTE_NOT_FOUND']], fate: 'kept' },
  'a slash at the end': { bytes: get('/v1/products/'), answers: [[404, 'ROUTE_NOT_FOUND']], fate: 'kept' },
  'an encoded slash between segments': {
    bytes: get('/v1%2Fproducts'),
    answers: [[404, 'ROUTE_NOT_FOUND']],
    fate: 'kept',
  },
  'an encoded slash within a segment': {
    bytes: get('/v1/products/..%2Forders'),
    answers: [[400, 'VALIDATION_FAILED']],
    fate: 'kept',
    says: '"field":"sku"',
  },
  'a broken percent-encoding': {
    bytes: get('/v1/products/%zz'),
    answers: [[400, 'VALIDATION_FAILED']],
    fate: 'kept',
    says: 'percent-encoding',
  },
  dots: { bytes: get('/v1/products/../orders'), answers: [[404, 'ROUTE_NOT_FOUND']], fate: 'kept' },
  'a target of 8,193 bytes': { bytes: get(`/${'a'.repeat(8_192)}`), answers: [[414, 'URI_TOO_LONG']], fate: 'kept' },
  'a target that does not end': {
    bytes: `GET /${'a'.repeat(20_000)}`,
    answers: [[414, 'URI_TOO_LONG']],
    fate: 'closed',
  },
  'headers of more than 10,240 bytes': {
    bytes: get('/v1/products', `X-Long: ${'x'.repeat(10_240)}\r\n`),
    answers: [[431, 'HEADERS_TOO_LARGE']],
    fate: 'closed',
  },
};

const BODIES: Record<string, Row> = {
  'too large, as announced': {
    bytes: post(`${JSON_TYPE}Content-Length: 10485761\r\n`),
    answers: [[413, 'BODY_TOO_LARGE']],
    fate: 'closed',
    headers: { connection: 'close' },
  },
  'refused before it was sent': {
    bytes: post(`${JSON_TYPE}Expect: 100-continue\r\nContent-Length: 10485761\r\n`),
    answers: [[413, 'BODY_TOO_LARGE']],
    fate: 'closed',
  },
  'large, of one who may not': {
    bytes: `POST /v1/orders HTTP/1.1\r\n${HOST}${JSON_TYPE}Content-Length: 1000000\r\n\r\n`,
    answers: [[401, 'UNAUTHENTICATED']],
    fate: 'closed',
    headers: { connection: 'close', 'www-authenticate': 'Bearer' },
  },
  'small, of one who may not': {
    bytes: `POST /v1/orders HTTP/1.1\r\n${HOST}${JSON_TYPE}Content-Length: 2\r\n\r\n{}`,
    answers: [[401, 'UNAUTHENTICATED']],
    fate: 'kept',
  },
  'of another type': {
    bytes: post('Content-Type: text/plain\r\nContent-Length: 2\r\n', '{}'),
    answers: [[415, 'UNSUPPORTED_MEDIA_TYPE']],
    fate: 'kept',
    headers: { accept: 'application/json' },
    says: 'must be application/json',
  },
  'of no type': {
    bytes: post('Content-Length: 2\r\n', '{}'),
    answers: [[415, 'UNSUPPORTED_MEDIA_TYPE']],
    fate: 'kept',
    headers: { accept: 'application/json' },
  },
  'in another charset': {
    bytes: post('Content-Type: application/json; charset=latin1\r\nContent-Length: 2\r\n', '{}'),
    answers: [[415, 'UNSUPPORTED_MEDIA_TYPE']],
    fate: 'kept',
    says: 'must be UTF-8',
  },
  compressed: {
    bytes: json('{}', 'Content-Encoding: gzip\r\n'),
    answers: [[415, 'UNSUPPORTED_MEDIA_TYPE']],
    fate: 'kept',
    headers: { 'accept-encoding': 'identity' },
    says: 'Content-Encoding',
  },
  'that is no UTF-8': {
    bytes: json('{"email":"\xff"}'),
    answers: [[400, 'MALFORMED_BODY']],
    fate: 'kept',
    says: 'is not UTF-8 (at byte 10 of the body)',
  },
  'of a truncated document': {
    bytes: json('{"email": "a@b.c"'),
    answers: [[400, 'MALFORMED_BODY']],
    fate: 'kept',
    says: '(at byte 17 of the body)',
  },
  'null for a message': { bytes: json('null'), answers: [[400, 'MALFORMED_BODY']], fate: 'kept', says: 'not null' },
  'a list for a message': { bytes: json('[]'), answers: [[400, 'MALFORMED_BODY']], fate: 'kept', says: 'not a list' },
  'with a key twice': {
    bytes: json('{"email":"a","email":"b"}'),
    answers: [[400, 'MALFORMED_BODY']],
    fate: 'kept',
    says: /twice.*byte 13/,
  },
  'with __proto__': {
    bytes: json('{"__proto__":{"email":"a"}}'),
    answers: [[400, 'UNKNOWN_FIELD']],
    fate: 'kept',
    says: '"field":"__proto__"',
  },
  'with an unknown field': {
    bytes: json('{"emial":"a@b.c"}'),
    answers: [[400, 'UNKNOWN_FIELD']],
    fate: 'kept',
    says: /did you mean .*email/,
  },
  'with a wrong type': {
    bytes: json('{"email":7}'),
    answers: [[400, 'VALIDATION_FAILED']],
    fate: 'kept',
    says: 'must be a string',
  },
  'nested deeper than 100 levels': {
    bytes: json(`{"name":${'['.repeat(5_000)}`),
    answers: [[400, 'MALFORMED_BODY']],
    fate: 'kept',
    says: 'is nested deeper than 100 levels',
  },
  'where none is taken': {
    bytes: `${get('/v1/products', `${JSON_TYPE}Content-Length: 2\r\n`)}{}`,
    answers: [[400, 'MALFORMED_BODY']],
    fate: 'kept',
    says: 'takes no body',
  },
  'in chunks': {
    bytes: post(`${JSON_TYPE}Transfer-Encoding: chunked\r\n`, '2;x=y\r\n{}\r\n0\r\nTrailer: x\r\n\r\n'),
    answers: [[400, 'VALIDATION_FAILED']],
    fate: 'kept',
  },
};

describe.each([
  ['syntax', SYNTAX],
  ['framing', FRAMING],
  ['a pipeline', PIPELINE],
  ['the protocol', PROTOCOL],
  ['the target', TARGETS],
  ['a body', BODIES],
])('on the wire, %s', (_, rows) => {
  let test: TestGateway;
  beforeAll(async () => {
    test = await TestGateway.start();
    test.upstream.answer('GetProduct', async () => {
      await new Promise((resolve) => setTimeout(resolve, 100));
      return {};
    });
  });
  afterAll(() => test?.close());

  it.each(Object.entries(rows))('%s', async (_name, row) => {
    const connection = await Connection.open(test.running.url);
    connection.send(row.bytes);
    if (row.finish) connection.finish();
    const answers = row.fate === 'closed' ? await connection.answers() : await keptAnswers(connection, row);
    connection.destroy();
    expect(answers.map(outcome)).toEqual(row.answers);
    for (const answer of answers.filter(({ status }) => status >= 400)) expectSafeProblem(answer);
    const last = answers.at(-1);
    for (const [name, value] of Object.entries(row.headers ?? {})) expect(last?.headers[name]).toMatch(value);
    for (const [name, value] of Object.entries(row.headers ?? {}))
      if (value === '') expect(last?.headers[name]).toBe('');
    if (row.says !== undefined) expect(last?.body.replaceAll('\\"', '"')).toMatch(row.says);
  });
});

/** The answers, with proof that the connection is good for another request. */
async function keptAnswers(connection: Connection, { answers }: Row): Promise<RawAnswer[]> {
  const taken: RawAnswer[] = [];
  for (let i = 0; i < answers.length; i++) taken.push(await connection.answer());
  connection.send(GOOD);
  expect((await connection.answer()).status).toBe(200);
  return taken;
}

function outcome({ status, headers, body }: RawAnswer): Row['answers'][number] {
  return headers['content-type'] === 'application/problem+json' ? [status, JSON.parse(body).code] : status;
}

function expectSafeProblem({ status, headers, body }: RawAnswer): void {
  expect(headers['content-type']).toBe('application/problem+json');
  expect(headers['x-content-type-options']).toBe('nosniff');
  expect(headers['cache-control']).toBe('no-store');
  expect(headers['content-security-policy']).toContain("default-src 'none'");
  const { code, type, status: told, traceId } = JSON.parse(body);
  expect({ type, told }).toEqual({ type: `/errors/${code}`, told: status });
  expect(headers.traceresponse === undefined || headers.traceresponse.includes(traceId)).toBe(true);
  // Nothing of what runs inside: no stack, path, class, library or address.
  expect(body).not.toMatch(/node_modules|\.[jt]s:\d|\bat \w+ \(|Error:|HPE_|FST_|127\.0\.0\.1|hunter2/);
  expect(headers).not.toHaveProperty('server');
  expect(headers).not.toHaveProperty('x-powered-by');
}
