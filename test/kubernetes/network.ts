import { z } from 'zod';
import { type Manifests, matches, type Workload } from './manifests.js';

const labels = z.record(z.string(), z.string());
const podSelector = z.object({
  matchLabels: labels.default({}),
  matchExpressions: z
    .array(z.object({ key: z.string(), operator: z.literal('In'), values: z.array(z.string()) }))
    .default([]),
});
type PodSelector = z.infer<typeof podSelector>;
const peer = z.object({
  podSelector: podSelector.optional(),
  namespaceSelector: z.object({ matchLabels: labels }).optional(),
  ipBlock: z.looseObject({ cidr: z.string() }).optional(),
});
type Peer = z.infer<typeof peer>;
const ports = z.array(z.object({ port: z.union([z.string(), z.number()]), protocol: z.string().default('TCP') }));
const networkPolicy = z.object({
  metadata: z.looseObject({ name: z.string() }),
  spec: z.object({
    podSelector,
    policyTypes: z.array(z.enum(['Ingress', 'Egress'])),
    ingress: z.array(z.object({ from: z.array(peer), ports })).default([]),
    egress: z.array(z.object({ to: z.array(peer).optional(), ports })).default([]),
  }),
});

const selects = (selector: PodSelector, found: Readonly<Record<string, string>>): boolean => {
  const byLabels = Object.keys(selector.matchLabels).length === 0 || matches(selector.matchLabels, found);
  return byLabels && selector.matchExpressions.every(({ key, values }) => values.includes(found[key] ?? ''));
};

const labelsOf = (workload: Workload) => workload.spec.template.metadata.labels;

/** What the NetworkPolicies of an overlay let through. They add up: what one of them allows is allowed. */
export function networkOf(manifests: Manifests) {
  const policies = manifests.ofKind('NetworkPolicy', networkPolicy).map(({ spec }) => spec);
  const of = (workload: Workload) => policies.filter((policy) => selects(policy.podSelector, labelsOf(workload)));
  const isPod = ({ podSelector: pods, namespaceSelector, ipBlock }: Peer, workload: Workload) =>
    pods !== undefined && !namespaceSelector && !ipBlock && selects(pods, labelsOf(workload));
  const goesOut = (from: Workload, to: Workload, port: number) =>
    of(from).some(({ egress }) =>
      egress.some((rule) => rule.to?.some((one) => isPod(one, to)) && rule.ports.some((one) => one.port === port)),
    );
  const comesIn = (from: Workload, to: Workload, name: string) =>
    of(to).some(({ ingress }) =>
      ingress.some((rule) => rule.from.some((one) => isPod(one, from)) && rule.ports.some((one) => one.port === name)),
    );
  return {
    /** Whether nothing at all goes in or out of the pods of this workload but what a policy allows. */
    isClosed: (workload: Workload) =>
      (['Ingress', 'Egress'] as const).every((type) =>
        of(workload).some(({ policyTypes }) => policyTypes.includes(type)),
      ),
    /** Out of the one and into the other, by the name of a port of the other. */
    mayCall: (from: Workload, to: Workload, portName: string) => {
      const port = to.spec.template.spec.containers[0].ports.find(({ name }) => name === portName);
      const [out, into] = [goesOut(from, to, port?.containerPort ?? 0), comesIn(from, to, portName)];
      if (out !== into)
        throw new Error(`${from.metadata.name} → ${to.metadata.name} ${portName}: open on one side only`);
      return out;
    },
    /** Labels of namespaces that may call a port, by its name. */
    namespacesThatMayCall: (to: Workload, portName: string) =>
      of(to).flatMap(({ ingress }) =>
        ingress
          .filter((rule) => rule.ports.some(({ port }) => port === portName))
          .flatMap((rule) =>
            rule.from.flatMap(({ namespaceSelector }) => Object.entries(namespaceSelector?.matchLabels ?? {})),
          ),
      ),
    /** Ports outside of the namespace that a workload may connect to. */
    portsOutside: (from: Workload) =>
      of(from).flatMap(({ egress }) =>
        egress
          .filter(({ to }) => !to || to.some(({ namespaceSelector, ipBlock }) => namespaceSelector || ipBlock))
          .flatMap((rule) => rule.ports.map(({ port }) => port)),
      ),
  };
}
