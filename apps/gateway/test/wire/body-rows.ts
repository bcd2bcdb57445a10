import { get, HOST, JSON_TYPE, json, post, type WireRow } from './row.js';

export const BODIES: Readonly<Record<string, WireRow>> = {
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
