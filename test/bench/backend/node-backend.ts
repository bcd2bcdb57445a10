// The service behind all gateways for machines without Go: node-backend.ts PORT DESCRIPTORS FIXTURES. It answers each method with
// bytes that were made beforehand, and refuses every request that is not the one it expects.
import { readFileSync } from 'node:fs';
import { type DescMethod, equals, fromBinary, type Message, toJsonString } from '@bufbuild/protobuf';
import {
  type handleServerStreamingCall,
  type handleUnaryCall,
  Server,
  ServerCredentials,
  type ServiceDefinition,
  status,
} from '@grpc/grpc-js';
import { type Fixtures, shopService } from '../shop/files.js';

const [port = '', descriptors = '', fixturesFile = ''] = process.argv.slice(2);
const fixtures: Fixtures = JSON.parse(readFileSync(fixturesFile, 'utf8'));
const service = shopService(readFileSync(descriptors));
const asIs = (bytes: Buffer) => bytes;

const definition: ServiceDefinition = Object.fromEntries(
  service.methods.map(({ name, methodKind }) => [
    name,
    {
      path: `/${service.typeName}/${name}`,
      requestStream: false,
      responseStream: methodKind === 'server_streaming',
      requestSerialize: asIs,
      requestDeserialize: asIs,
      responseSerialize: asIs,
      responseDeserialize: asIs,
    },
  ]),
);

const server = new Server();
server.addService(definition, Object.fromEntries(service.methods.map((method) => [method.name, handlerOf(method)])));
server.bindAsync(`127.0.0.1:${port}`, ServerCredentials.createInsecure(), (error) => {
  if (error) throw error;
});

function handlerOf({ name, input, methodKind }: DescMethod) {
  const fixture = fixtures[name];
  if (!fixture) throw new Error(`no fixture for ${name}`);
  const response = Buffer.from(fixture.response, 'base64');
  const check = checkOf(input, fromBinary(input, Buffer.from(fixture.request, 'base64')));
  const unary: handleUnaryCall<Buffer, Buffer> = ({ request }, reply) => {
    const details = check(request);
    if (details === undefined) reply(null, response);
    else reply({ code: status.INVALID_ARGUMENT, details });
  };
  const stream: handleServerStreamingCall<Buffer, Buffer> = (call) => {
    const details = check(call.request);
    if (details === undefined) call.write(response);
    else call.emit('error', { code: status.INVALID_ARGUMENT, details });
  };
  return methodKind === 'server_streaming' ? stream : unary;
}

/** Says what is wrong with a request; remembers the bytes that were right, since a gateway sends the same again and again. */
function checkOf(input: DescMethod['input'], expected: Message): (request: Buffer) => string | undefined {
  let right: Buffer | undefined;
  return (request) => {
    if (right?.equals(request)) return undefined;
    const got = fromBinary(input, request);
    if (!equals(input, got, expected)) {
      return `this is not what was asked: ${toJsonString(input, got)}, but ${toJsonString(input, expected)}`;
    }
    right = Buffer.from(request);
    return undefined;
  };
}
