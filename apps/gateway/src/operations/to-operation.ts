import { type DescField, type DescMessage, type DescMethod, ScalarType } from '@bufbuild/protobuf';
import { durationMs } from '@bufbuild/protobuf/wkt';
import { attemptsOf } from '#libs/calls';
import { type Policy, Stream_Form } from '#libs/contracts';
import { compileTextTemplate, type FieldPath, isTextField, resolveFieldPath } from '#libs/transcoding';
import type { Access, Operation, StreamForm, Upstream } from './operation.js';
import { refusalsOf } from './refusals.js';

const DEFAULT_TIMEOUT_MS = 29_000;
const DEFAULT_STREAM_TIMEOUT_MS = 3_600_000;
const DEFAULT_TTL_SECONDS = 86_400;

/** What an RPC's policy says, resolved. Throws an Error that names the RPC and every field that cannot be served. */
export function toOperation(rpc: DescMethod, { upstream, policy }: { upstream: Upstream; policy: Policy }): Operation {
  const name = `${rpc.parent.typeName}.${rpc.name}`;
  const refusals = refusalsOf(rpc, policy);
  const access = accessOf(policy, refusals);
  const resolve = <T>(field: string, work: () => T): T | undefined => {
    try {
      return work();
    } catch (error) {
      refusals.push(`${field}: ${error instanceof Error ? error.message : error}`);
      return undefined;
    }
  };
  const throttleFields = new Map<string, FieldPath>();
  for (const { field } of policy.throttle) {
    const path = field === '' ? undefined : resolve('throttle', () => textField(rpc.input, field));
    if (path) throttleFields.set(field, path);
  }
  const { location, preferWaitField: wait } = policy;
  const operation: Operation = {
    rpc,
    name,
    policy,
    access,
    throttleFields,
    upstream,
    timeoutMs: timeoutOf(rpc, policy),
    successStatus: policy.successStatus || 200,
    location: location === '' ? undefined : resolve('location', () => compileTextTemplate(location, rpc.output)),
    throttles: policy.throttle,
    idempotency: policy.idempotency && {
      required: policy.idempotency.required,
      ttlSeconds: policy.idempotency.ttl ? durationMs(policy.idempotency.ttl) / 1000 : DEFAULT_TTL_SECONDS,
    },
    preferWait: wait === '' ? undefined : resolve('prefer_wait_field', () => int32Field(rpc.input, wait)),
    attempts: attemptsOf(rpc, policy),
    stream: receives(rpc) ? resolve('stream', () => streamOf(rpc, policy)) : undefined,
    sends: rpc.methodKind === 'client_streaming' || rpc.methodKind === 'bidi_streaming',
    webSocket: rpc.methodKind === 'bidi_streaming' || policy.stream?.form === Stream_Form.WEBSOCKET,
  };
  if (refusals.length > 0) {
    throw new Error(refusals.map((refusal) => `${name}: (gateway.v1.policy).${refusal}`).join('\n'));
  }
  return operation;
}

function accessOf({ access }: Policy, refusals: string[]): Access {
  if (access.case === 'scopes') {
    const [all, any] = [access.value.all, access.value.any].map((text) => text.split(' ').filter(Boolean));
    return { kind: 'scopes', all: all ?? [], any: any ?? [] };
  }
  if (access.case) return { kind: access.case };
  refusals.push('access is missing: say public, authenticated or scopes');
  return { kind: 'authenticated' };
}

function timeoutOf(rpc: DescMethod, { timeout }: Policy): number {
  if (timeout) return durationMs(timeout);
  return rpc.methodKind === 'unary' ? DEFAULT_TIMEOUT_MS : DEFAULT_STREAM_TIMEOUT_MS;
}

const receives = ({ methodKind }: DescMethod) => methodKind === 'server_streaming' || methodKind === 'bidi_streaming';

function streamOf(rpc: DescMethod, { stream }: Policy): StreamForm {
  return {
    eventId: stream?.eventIdField ? textField(rpc.output, stream.eventIdField) : undefined,
    resume: stream?.resumeField ? textField(rpc.input, stream.resumeField) : undefined,
    form: !stream?.form || stream.form === Stream_Form.WEBSOCKET ? Stream_Form.JSON_ARRAY : stream.form,
  };
}

function textField(message: DescMessage, name: string): FieldPath {
  const path = resolveFieldPath(message, name);
  if (!isTextField(last(path))) throw new Error(`"${name}" of ${message.typeName} is no scalar field`);
  return path;
}

function int32Field(message: DescMessage, name: string): FieldPath {
  const path = resolveFieldPath(message, name);
  const field = last(path);
  if (field.fieldKind !== 'scalar' || field.scalar !== ScalarType.INT32) {
    throw new Error(`"${name}" of ${message.typeName} is no int32`);
  }
  return path;
}

function last(path: FieldPath): DescField {
  return path[path.length - 1] ?? path[0];
}
