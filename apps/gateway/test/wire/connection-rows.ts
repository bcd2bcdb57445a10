import { BAD, GOOD, get, HOST, JSON_TYPE, json, post, type WireRow } from './row.js';

export const SYNTAX: Readonly<Record<string, WireRow>> = {
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

export const FRAMING: Readonly<Record<string, WireRow>> = {
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

export const PIPELINE: Readonly<Record<string, WireRow>> = {
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
