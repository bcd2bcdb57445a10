import { type DescMessage, type DescMethod, getOption, hasOption } from '@bufbuild/protobuf';
import {
  Throttle_Dimension as Dimension,
  type Policy,
  Policy_UnknownInput,
  Stream_Form,
  secret,
  type Throttle,
} from '#libs/contracts';

/**
 * Why the gateway will not serve an RPC under a policy, each starting with the policy's field: parts that are not
 * implemented yet, and rules that contradict each other. A policy is never served in part.
 */
export function refusalsOf(rpc: DescMethod, policy: Policy): string[] {
  return [
    ...notImplemented(policy),
    ...badAccess(policy),
    ...policy.throttle.flatMap(badThrottle),
    ...badIdempotency(rpc, policy),
    ...badAnswer(policy),
    ...badStream(rpc, policy),
  ];
}

function notImplemented(policy: Policy): string[] {
  const { unknownInput } = policy;
  const parts: [boolean, string][] = [
    [unknownInput === Policy_UnknownInput.REPORT || unknownInput === Policy_UnknownInput.IGNORE, 'unknown_input'],
    [policy.cache !== undefined, 'cache'],
    [policy.quotaCost !== 0, 'quota_cost'],
    [policy.sunset !== undefined, 'sunset'],
  ];
  const unknown = (policy.$unknown ?? []).map(({ no }) => `field ${no} is not known to this gateway`);
  return [...parts.filter(([used]) => used).map(([, field]) => `${field} is not implemented yet`), ...unknown];
}

function badAccess({ access, freshSession }: Policy): string[] {
  if (freshSession && access.case === 'public') return ['fresh_session is for signed-in callers, not for public RPCs'];
  if (access.case === 'scopes') {
    return `${access.value.all}${access.value.any}`.trim() === '' ? ['scopes names no scope'] : [];
  }
  return access.case && !access.value ? [`${access.case} is false: say who may call`] : [];
}

function badThrottle({ rate, burst, per, field }: Throttle): string[] {
  const problems = [];
  if (!(rate > 0) || burst < 1) problems.push('throttle needs a rate above 0 and a burst of at least 1');
  if (per.length === 0 || per.includes(Dimension.DIMENSION_UNSPECIFIED)) problems.push('throttle.per is missing');
  if (per.includes(Dimension.FIELD) !== (field !== '')) problems.push('throttle.field goes with per: FIELD');
  return problems;
}

function badIdempotency(rpc: DescMethod, { idempotency, access }: Policy): string[] {
  if (!idempotency) return [];
  const problems = [];
  if (access.case === 'public') problems.push('idempotency needs a principal: anybody could replay an answer');
  if (rpc.methodKind !== 'unary') problems.push('idempotency is for unary RPCs');
  const field = secretField(rpc.output, new Set());
  if (field) problems.push(`idempotency would store the secret ${field}`);
  return problems;
}

function badAnswer({ successStatus, timeout, retry }: Policy): string[] {
  const problems = [];
  if (retry && (retry.maxAttempts < 1 || retry.maxAttempts > 5)) problems.push('retry.max_attempts is not 1 to 5');
  if (successStatus !== 0 && (successStatus < 200 || successStatus > 299 || successStatus === 204)) {
    problems.push('success_status is no 2xx with a body');
  }
  if (timeout && timeout.seconds <= 0n && timeout.nanos <= 0) problems.push('timeout is not positive');
  return problems;
}

function badStream({ methodKind }: DescMethod, { stream, preferWaitField }: Policy): string[] {
  const problems = [];
  const sends = methodKind === 'client_streaming' || methodKind === 'bidi_streaming';
  if (sends && preferWaitField !== '') problems.push('prefer_wait_field is for RPCs with one request');
  if (!stream) return problems;
  if (methodKind === 'unary') problems.push('stream is for streams');
  if (sends && stream.resumeField !== '') problems.push('stream.resume_field is for server streams');
  if (methodKind === 'client_streaming' && (stream.eventIdField !== '' || stream.form !== Stream_Form.WEBSOCKET)) {
    problems.push('stream says how responses are told, and there is one: leave it out, or say form: WEBSOCKET alone');
  }
  return problems;
}

function secretField(message: DescMessage, seen: Set<DescMessage>): string | undefined {
  if (seen.has(message)) return undefined;
  seen.add(message);
  for (const field of message.fields) {
    if (hasOption(field, secret) && getOption(field, secret)) return `${message.typeName}.${field.name}`;
    const below = field.message && secretField(field.message, seen);
    if (below) return below;
  }
  return undefined;
}
