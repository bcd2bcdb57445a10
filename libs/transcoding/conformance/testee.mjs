// Answers Google's conformance runner on stdin and stdout: JSON and protobuf in, JSON and protobuf out, by our codec.
// node testee.mjs DESCRIPTOR_SET compiled|reflective
import { readFileSync, readSync, writeSync } from 'node:fs';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { createCodec, loadRegistry } from '#libs/transcoding';

const [, , descriptors, codec] = process.argv;
const registry = loadRegistry(readFileSync(descriptors), descriptors);
const [Request, Response, Failures] = ['ConformanceRequest', 'ConformanceResponse', 'FailureSet'].map((name) =>
  registry.getMessage(`conformance.${name}`),
);
const [PROTOBUF, JSON_OUT] = [1, 2];
const IGNORE_UNKNOWN = 3;
const codecs = new Map();

for (let bytes = readFrame(); bytes; bytes = readFrame()) {
  writeFrame(toBinary(Response, create(Response, { result: answer(fromBinary(Request, bytes)) })));
}

function answer({ payload, requestedOutputFormat: format, messageType, testCategory }) {
  if (messageType === 'conformance.FailureSet') {
    return { case: 'protobufPayload', value: toBinary(Failures, create(Failures)) };
  }
  const desc = registry.getMessage(messageType);
  const isOurs = ['protobufPayload', 'jsonPayload'].includes(payload.case) && [PROTOBUF, JSON_OUT].includes(format);
  if (!desc || !isOurs) return { case: 'skipped', value: 'neither JSON nor protobuf, or an unknown type' };
  if (testCategory === IGNORE_UNKNOWN) return { case: 'skipped', value: 'unknown names are refused' };
  let bytes;
  try {
    bytes =
      payload.case === 'jsonPayload' ? codecOf(desc).decode(bodyOf(payload.value)).bytes : same(desc, payload.value);
  } catch (error) {
    return { case: 'parseError', value: String(error) };
  }
  try {
    if (format === PROTOBUF) return { case: 'protobufPayload', value: bytes };
    return { case: 'jsonPayload', value: codecOf(desc).encode(bytes).json.toString() };
  } catch (error) {
    return { case: 'serializeError', value: String(error) };
  }
}

function same(desc, bytes) {
  return toBinary(desc, fromBinary(desc, bytes));
}

function bodyOf(json) {
  return { variables: [], query: '', body: Buffer.from(json) };
}

/** A codec for a route whose body, and whose answer, is the message. */
function codecOf(desc) {
  const known = codecs.get(desc);
  if (known) return known;
  const template = { text: '/', segments: [], variables: [], verb: undefined };
  const rpc = { name: 'Any', input: desc, output: desc };
  const route = { rpc, httpMethod: 'POST', template, variables: [], body: 'whole', responseBody: undefined };
  const json = { unpopulated: 'omitted', names: 'json', enums: 'names' };
  const made = createCodec(route, registry, { json, compiled: codec === 'compiled' });
  codecs.set(desc, made);
  return made;
}

function readFrame() {
  const length = readExactly(4);
  return length && readExactly(length.readUInt32LE(0));
}

function readExactly(length) {
  const bytes = Buffer.alloc(length);
  for (let at = 0; at < length; ) {
    const count = readSync(0, bytes, at, length - at, null);
    if (count === 0) return undefined;
    at += count;
  }
  return bytes;
}

function writeFrame(bytes) {
  const frame = Buffer.concat([Buffer.alloc(4), bytes]);
  frame.writeUInt32LE(bytes.length, 0);
  for (let at = 0; at < frame.length; ) at += writeSync(1, frame, at);
}
