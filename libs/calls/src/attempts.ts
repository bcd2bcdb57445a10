import { type DescMethod, getOption, hasOption } from '@bufbuild/protobuf';
import { MethodOptions_IdempotencyLevel as Level } from '@bufbuild/protobuf/wkt';
import { http, type Policy, policy as policyOption } from '#libs/contracts';

/** Of a read: the first, and two more. */
const READ_ATTEMPTS = 3;

/**
 * How often a call may be sent whose earlier attempts may have had their effect. `retry` of the policy says so; without it
 * what the proto declares to be without side effects or idempotent (`idempotency_level`, or a `get` as its HTTP rule) is sent
 * up to three times, everything else once.
 */
export function attemptsOf(method: DescMethod, policy: Policy | undefined = ownPolicy(method)): number {
  if (policy?.retry) return Math.max(1, policy.retry.maxAttempts);
  if (method.idempotency === Level.NO_SIDE_EFFECTS || method.idempotency === Level.IDEMPOTENT) return READ_ATTEMPTS;
  const isGet = hasOption(method, http) && getOption(method, http).pattern.case === 'get';
  return isGet ? READ_ATTEMPTS : 1;
}

const ownPolicy = (method: DescMethod) =>
  hasOption(method, policyOption) ? getOption(method, policyOption) : undefined;
