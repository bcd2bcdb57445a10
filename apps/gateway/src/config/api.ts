import { z } from 'zod';
import { isEndpoints } from '#libs/calls';
import { DIALECTS, jsonFormOf } from '#libs/transcoding';
import { BALANCINGS, CHANNELS } from '#libs/upstream';

const tls = z.strictObject({
  /** PEM files. Without `ca` the authorities that Node knows hold; `cert` and `key` prove the gateway to the upstream. */
  ca: z.string().optional(),
  cert: z.string().optional(),
  key: z.string().optional(),
});

/** `host:port`, or several separated by commas; of a name, all addresses are called in turn. */
export const address = z
  .string()
  .transform((text) => text.replaceAll(/\s|dns:\/\/\//g, ''))
  .refine(isEndpoints, 'is not host:port, nor a list of such separated by commas');

const upstreamObject = z.strictObject({
  address,
  /** Instead of the API's. */
  channel: z.enum(CHANNELS).optional(),
  /** Which replica takes a call: that with the fewest calls at the moment, or each in turn. The grpc-js channel has the latter alone. */
  balancing: z.enum(BALANCINGS).optional(),
  /** Connections to each replica that are kept; more are made where a replica takes too few calls on each. Not of the grpc-js channel. */
  sessions: z.number().int().min(1).max(8).optional(),
  /** `aud` of principal tokens; the service's name in lower case by default. */
  audience: z.string().min(1).optional(),
  /** What the upstream gets in `authorization`. */
  credentials: z.enum(['principal-token', 'none', 'forward']).default('principal-token'),
  tls: tls
    .refine(({ cert, key }) => (cert === undefined) === (key === undefined), 'needs cert and key together')
    .optional(),
});

const upstream = z.union([address.transform((text) => upstreamObject.parse({ address: text })), upstreamObject]);

/** Policies are read later, against gateway.v1.Policy: here they are only objects. */
const policy = z.record(z.string(), z.unknown());

export const api = z
  .strictObject({
    name: z.string().regex(/^[a-z][a-z0-9-]*$/),
    /** File with compiled protos and all their imports: `buf build --as-file-descriptor-set -o` or `protoc --include_imports`. */
    descriptors: z.string().optional(),
    /** Asks the upstreams instead, at start-up and on each reload. */
    reflection: z.strictObject({ everySeconds: z.number().min(1).max(86_400).optional() }).optional(),
    /**
     * What carries calls to upstreams: the gateway's own channel, on node:http2 or on a framing of its own (framed), which costs
     * least, or the one that comes with grpc-js. All keep the same promises.
     */
    channel: z.enum(CHANNELS).default('framed'),
    prefix: z
      .string()
      .regex(/^(\/[^/{}*:]+)*$/, 'is no path: /a/b, or empty')
      .default(''),
    /** How far requests may go; docs/dialects.md. */
    dialect: z.enum(DIALECTS).default('strict'),
    /** How answers look where protobuf's JSON mapping leaves a choice, and where not as the dialect has it: JsonForm of libs/transcoding. */
    json: z
      .strictObject({
        unpopulated: z.enum(['without-presence', 'omitted', 'all']).optional(),
        names: z.enum(['json', 'proto']).optional(),
        enums: z.enum(['names', 'numbers']).optional(),
      })
      .prefault({}),
    /** For what an RPC's own policy does not say. */
    defaultPolicy: policy.optional(),
    /** Lets `defaultPolicy` be public: every RPC that says nothing else is then open to anybody. */
    allowPublicDefault: z.boolean().default(false),
    /** By full name of the RPC, e.g. `library.v1.Library.GetBook`. */
    policies: z.record(z.string(), policy).default({}),
    /** Address of each service, by its full name. */
    upstreams: z.record(z.string(), upstream),
    /** Services in the descriptors that have http rules and are not to be served. */
    ignore: z.array(z.string()).default([]),
  })
  .refine(
    ({ descriptors, reflection }) => (descriptors === undefined) !== (reflection === undefined),
    'needs either "descriptors" (a file) or "reflection"',
  )
  .superRefine(({ channel: ofApi, upstreams }, context) => {
    for (const [name, { channel = ofApi, balancing, sessions }] of Object.entries(upstreams)) {
      if (channel !== 'grpc-js') continue;
      const message = 'is for the channels http2 and framed: leave it out, or set "channel" to one of them';
      const refuse = (field: string) => context.addIssue({ code: 'custom', path: ['upstreams', name, field], message });
      if (balancing === 'least-loaded') refuse('balancing');
      if (sessions !== undefined) refuse('sessions');
    }
  })
  .transform((config) => ({ ...config, json: { ...jsonFormOf(config.dialect), ...config.json } }));

export type ApiConfig = z.output<typeof api>;
export type UpstreamConfig = ApiConfig['upstreams'][string];
export type PolicyConfig = z.output<typeof policy>;
