import {
  clone,
  create,
  type DescMethod,
  fromJson,
  getOption,
  hasOption,
  isFieldSet,
  type JsonValue,
} from '@bufbuild/protobuf';
import { type Policy, PolicySchema, policy as policyOption, Stream_Form } from '#libs/contracts';
import type { ApiConfig, PolicyConfig } from '../config/api.js';
import type { ConfigPath, ConfigProblem } from '../config/config-problem.js';

type Report = (problem: ConfigProblem) => void;

/** The policies that a configuration writes down, for APIs whose protos have none, or too little. */
export class ConfiguredPolicies {
  private readonly standard: Policy | undefined;
  private readonly byName: ReadonlyMap<string, Policy>;
  private readonly used = new Set<string>();

  constructor(
    { defaultPolicy, allowPublicDefault, policies }: ApiConfig,
    private readonly path: ConfigPath,
    private readonly report: Report,
  ) {
    this.standard = defaultPolicy && readPolicy(defaultPolicy, [...path, 'defaultPolicy'], report);
    if (this.standard?.access.case === 'public' && !allowPublicDefault) {
      const message =
        'would open every RPC that names no access to anybody: write allowPublicDefault: true, if that is meant';
      report({ path: [...path, 'defaultPolicy', 'public'], message });
    }
    this.byName = new Map(
      Object.entries(policies).map(([name, policy]) => [name, readPolicy(policy, this.pathOf(name), report)]),
    );
  }

  /**
   * What holds for an RPC, part by part: what `policies` says under its name, else what its proto says, else the default.
   * Who may call is the exception: where the proto says that, the configuration cannot say otherwise.
   */
  of(rpc: DescMethod): Policy {
    const name = `${rpc.parent.typeName}.${rpc.name}`;
    this.used.add(name);
    const own = hasOption(rpc, policyOption) ? clone(PolicySchema, getOption(rpc, policyOption)) : create(PolicySchema);
    const named = this.byName.get(name);
    if (named?.access.case && own.access.case) {
      const message = 'is said by the proto already: who may call is not changed here';
      this.report({ path: [...this.pathOf(name), named.access.case], message });
    }
    const standard = this.standard ? clone(PolicySchema, this.standard) : create(PolicySchema);
    if (!concernsResponsesOf(rpc, standard)) standard.stream = undefined;
    return Object.assign(standard, partsOf(own), partsOf(named));
  }

  /** Reports policies for RPCs that are not served. */
  reportUnused(): void {
    for (const name of this.byName.keys()) {
      if (this.used.has(name)) continue;
      this.report({ path: this.pathOf(name), message: 'is no RPC with a google.api.http rule in this API' });
    }
  }

  private pathOf(name: string): PropertyKey[] {
    return [...this.path, 'policies', name];
  }
}

/** Whether a default of how streams are told means something for the RPC. */
function concernsResponsesOf({ methodKind }: DescMethod, { stream }: Policy): boolean {
  if (methodKind === 'client_streaming') return stream?.form === Stream_Form.WEBSOCKET;
  return methodKind !== 'unary';
}

/** The fields that a policy sets; a oneof is one part. */
function partsOf(policy: Policy | undefined): object {
  if (!policy) return {};
  const parts = PolicySchema.members.filter((member) =>
    member.kind === 'oneof' ? policy.access.case !== undefined : isFieldSet(policy, member),
  );
  return Object.fromEntries(parts.map(({ localName }) => [localName, Reflect.get(policy, localName)]));
}

/** gateway.v1.Policy in its JSON form, with each wrong field at its own place. */
function readPolicy(config: PolicyConfig, path: ConfigPath, report: Report): Policy {
  let isWhole = true;
  const attempt = (value: unknown, place: ConfigPath) => {
    try {
      return fromJson(PolicySchema, asJson(value));
    } catch (error) {
      isWhole = false;
      report({ path: place, message: reasonOf(error) });
      return undefined;
    }
  };
  for (const [key, value] of Object.entries(config)) {
    if (!Array.isArray(value)) attempt({ [key]: value }, [...path, key]);
    else for (const [index, item] of value.entries()) attempt({ [key]: [item] }, [...path, key, index]);
  }
  // Never served: it only keeps a problem from being followed by those that come of it.
  return (isWhole && attempt(config, path)) || create(PolicySchema, { access: { case: 'authenticated', value: true } });
}

/** What YAML makes is what JSON can hold. */
const asJson = (value: unknown): JsonValue => JSON.parse(JSON.stringify(value));

function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replace(/^cannot decode (message|field) gateway\.v1\.\w+(\.\w+)? from JSON: /, '');
}
