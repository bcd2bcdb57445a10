import { BAD, GOOD, get, json, type WireRow } from './row.js';

export const PROTOCOL: Readonly<Record<string, WireRow>> = {
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

export const TARGETS: Readonly<Record<string, WireRow>> = {
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
