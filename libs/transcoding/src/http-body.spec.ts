import { fromBinary, fromJson, type JsonValue, toBinary, toJson } from '@bufbuild/protobuf';
import { type FilesRpc, filesRpc } from '../test/files-registry.js';
import { createCodec, resolveFieldPath, routesOf } from './index.js';

const BODY = 'google.api.HttpBody';
const PNG = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 0xff, 0xfe]);

function codecOf(files: FilesRpc) {
  const { registry, rpc } = filesRpc(files);
  const [route] = routesOf(rpc);
  if (!route) throw new Error('no route');
  const codec = createCodec(route, registry);
  const requestOf = (bytes: Uint8Array) => toJson(rpc.input, fromBinary(rpc.input, bytes));
  const response = (json: JsonValue) => toBinary(rpc.output, fromJson(rpc.output, json, { registry }));
  return { codec, requestOf, response, rpc };
}

const put = { put: '/v1/files/{name}', body: 'body' };
const whole = { post: '/v1/files', body: '*' };

describe('a google.api.HttpBody in a request', () => {
  const sent = { variables: ['a.png'], query: 'pages=3', body: PNG, contentType: 'image/png' };
  const body = { contentType: 'image/png', data: PNG.toString('base64') };

  it('is the body as it came, beside what path and query say', () => {
    const { codec, requestOf } = codecOf({ rule: put });
    expect(codec.takesRaw).toBe(true);
    expect(requestOf(codec.decode(sent).bytes)).toEqual({ name: 'a.png', pages: 3, body });
  });

  it('is there with no bytes and no type, too', () => {
    const { codec, requestOf } = codecOf({ rule: put });
    const none = { variables: ['a'], query: '', body: Buffer.alloc(0) };
    expect(requestOf(codec.decode(none).bytes)).toEqual({ name: 'a', body: {} });
  });

  it('is the whole message where the RPC takes nothing else', () => {
    const { codec, requestOf } = codecOf({ rule: whole, input: BODY });
    expect(requestOf(codec.decode({ ...sent, variables: [], query: '' }).bytes)).toEqual(body);
    expect(() => codec.decode({ ...sent, variables: [] })).toThrow('does not know');
  });

  it('is told of a query that does not fit', () => {
    const { codec } = codecOf({ rule: put });
    expect(() => codec.decode({ ...sent, query: 'page=3' })).toThrow('does not know');
    expect(() => codec.decode({ ...sent, query: 'body.contentType=x' })).toThrow('does not know');
  });

  it('goes on in messages with bytes alone', () => {
    const field = codecOf({ rule: put, clientStreaming: true });
    expect(field.requestOf(field.codec.nextPiece(PNG))).toEqual({ body: { data: body.data } });
    const message = codecOf({ rule: whole, input: BODY, clientStreaming: true });
    expect(message.requestOf(message.codec.nextPiece(PNG))).toEqual({ data: body.data });
  });

  it('is JSON like any message where it is only a part of the body', () => {
    const { codec, requestOf } = codecOf({ rule: whole });
    const json = JSON.stringify({ name: 'a.png', body });
    expect(codec.takesRaw).toBe(false);
    expect(requestOf(codec.decode({ variables: [], query: '', body: Buffer.from(json) }).bytes)).toEqual({
      name: 'a.png',
      body,
    });
  });
});

describe('a google.api.HttpBody in a response', () => {
  const body = { contentType: 'image/png', data: PNG.toString('base64') };

  it('is the answer, with its type', () => {
    const { codec, response } = codecOf({ rule: { get: '/v1/files' }, output: BODY });
    const answer = codec.encode(response({ ...body, extensions: [] }));
    expect(codec.givesRaw).toBe(true);
    expect([answer.contentType, answer.json]).toEqual(['image/png', PNG]);
  });

  it('is the answer where it is the field that is one; other fields can be told as text', () => {
    const { codec, response, rpc } = codecOf({ rule: { get: '/v1/files', responseBody: 'body' } });
    const answer = codec.encode(response({ name: 'a.png', body }));
    expect([answer.contentType, answer.json]).toEqual(['image/png', PNG]);
    expect(answer.text(resolveFieldPath(rpc.output, 'name'))).toBe('a.png');
    const none = codec.encode(response({ name: 'a.png' }));
    expect([none.contentType, none.json]).toEqual(['application/octet-stream', Buffer.alloc(0)]);
  });

  it.each([
    ['', 'application/octet-stream'],
    ['text', 'application/octet-stream'],
    ['text/html\r\nSet-Cookie: a=b', 'application/octet-stream'],
    ['text/html\nX: y', 'application/octet-stream'],
    ['text/plain; charset=ü', 'application/octet-stream'],
    ['text/plain; charset=utf-8', 'text/plain; charset=utf-8'],
    ['multipart/byteranges; boundary="x y"', 'multipart/byteranges; boundary="x y"'],
  ])('of type %j is told to be %j', (contentType, told) => {
    const { codec, response } = codecOf({ rule: { get: '/v1/files' }, output: BODY });
    expect(codec.encode(response({ contentType })).contentType).toBe(told);
  });

  it('is JSON like any message where it is only a part of the answer', () => {
    const { codec, response } = codecOf({ rule: { get: '/v1/files' } });
    expect(codec.givesRaw).toBe(false);
    expect(JSON.parse(codec.encode(response({ body })).json.toString())).toMatchObject({ body });
  });
});

describe('routes', () => {
  it('refuse a variable inside a body that is taken as it is', () => {
    const inField = filesRpc({ rule: { put: '/v1/files/{body.content_type}', body: 'body' } });
    expect(() => routesOf(inField.rpc)).toThrow('"body.contentType" is part of a body that is taken as it is');
    const inWhole = filesRpc({ rule: { put: '/v1/files/{content_type}', body: '*' }, input: BODY });
    expect(() => routesOf(inWhole.rpc)).toThrow('"contentType" is part of a body that is taken as it is');
  });

  it('refuse a stream of requests without a body', () => {
    const { rpc } = filesRpc({ rule: { get: '/v1/files' }, clientStreaming: true });
    expect(() => routesOf(rpc)).toThrow('a stream of requests needs a body, which its messages are: write body: "*"');
  });
});
