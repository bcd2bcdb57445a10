import type { FileRegistry } from '@bufbuild/protobuf';
import { hostsOf } from '#libs/calls';
import { rpcPlace } from '#libs/transcoding';
import { credentialsOf } from '#libs/upstream';
import type { Variables } from '../config/config-file.js';
import type { ConfigPath, ConfigProblem } from '../config/config-problem.js';
import { type GatewayConfig, isUrl, type ReadConfig, readConfigFile } from '../gateway-config.js';
import { ownPaths } from '../http/own-paths.js';
import { readCertificate } from '../http/server-certificate.js';
import {
  type ApiWithTypes,
  type Operations,
  operationsOf,
  readTls,
  registryInFile,
} from '../operations/load-operations.js';
import { refusalOfAddress } from '../outgoing/check-address.js';
import { OutgoingRules } from '../outgoing/outgoing-rules.js';
import { keySetIn } from '../pipeline/issuer-tokens.js';
import { Deployment } from './deployment.js';
import { reflectedRegistry } from './reflected-registry.js';

type Report = (problem: ConfigProblem) => void;

/**
 * Reads the configuration and all that it names: descriptors, keys, certificates, and by reflection the upstreams. Throws
 * ConfigRefused with everything that cannot be served, by line and column. `check` says what else is wrong.
 */
export async function loadDeployment(
  path: string,
  variables: Variables,
  check: (config: GatewayConfig) => ConfigProblem[] = () => [],
): Promise<Deployment> {
  const { config, file }: ReadConfig = readConfigFile(path, variables);
  const problems: ConfigProblem[] = check(config);
  const report: Report = (problem) => problems.push(problem);
  await checkOutgoing(config, report);
  checkKeys(config, report);
  file.refuseIfAny(problems);
  const apis = await typesOf(config, report);
  file.refuseIfAny(problems);
  const operations = operationsOf(apis, report);
  if (operations) {
    checkNeeds(config, operations, report);
    checkPaths(config, operations, report);
  }
  file.refuseIfAny(problems);
  if (!operations) throw new Error('a configuration that was refused left no problem');
  return new Deployment(
    config,
    operations,
    apis.map(({ registry }) => registry),
  );
}

/** Every address is held against the allow-list, by its name and by what DNS makes of it now. */
async function checkOutgoing({ apis, issuers, outgoing }: GatewayConfig, report: Report): Promise<void> {
  const rules = new OutgoingRules(outgoing);
  const places: { path: ConfigPath; host: string }[] = [
    ...apis.flatMap(({ upstreams }, index) =>
      Object.entries(upstreams).flatMap(([name, { address }]) =>
        hostsOf(address).map((host) => ({ path: ['apis', index, 'upstreams', name], host })),
      ),
    ),
    ...issuers.flatMap(({ jwks }, index) =>
      isUrl(jwks) ? [{ path: ['issuers', index, 'jwks'], host: hostOf(jwks) }] : [],
    ),
    ...issuers.flatMap(({ endedSessions }, index) =>
      hostsOf(endedSessions?.address ?? '')
        .filter(Boolean)
        .map((host) => ({ path: ['issuers', index, 'endedSessions', 'address'], host })),
    ),
  ];
  for (const { path, host } of places) {
    const refusal = await refusalOfAddress(host, rules);
    if (refusal) report({ path, message: refusal });
  }
}

const hostOf = (url: string): string => new URL(url).hostname.replace(/^\[|\]$/g, '');

function checkKeys({ tls, issuers, apis }: GatewayConfig, report: Report): void {
  const unusable = reasonIn(() => readCertificate(tls));
  if (unusable) report({ path: ['tls'], message: unusable });
  for (const [index, { jwks }] of issuers.entries()) {
    if (isUrl(jwks)) continue;
    const message = reasonIn(() => keySetIn(jwks));
    if (message) report({ path: ['issuers', index, 'jwks'], message: `${jwks} is no key set (RFC 7517): ${message}` });
  }
  for (const [index, { upstreams }] of apis.entries()) {
    for (const [name, { tls }] of Object.entries(upstreams)) {
      const message = tls && reasonIn(() => credentialsOf(readTls(tls)));
      if (message) report({ path: ['apis', index, 'upstreams', name, 'tls'], message });
    }
  }
}

async function typesOf(config: GatewayConfig, report: Report): Promise<ApiWithTypes[]> {
  const loaded = await Promise.all(
    config.apis.map(async (api, index) => {
      const path = ['apis', index];
      const registry: FileRegistry | undefined = api.reflection
        ? await reflectedRegistry(api, config.outgoing, { path, report })
        : registryInFile(api, { path, report });
      return registry ? [{ api, registry, codec: config.codec }] : [];
    }),
  );
  return loaded.flat();
}

/** What policies need that the configuration does not have. */
function checkNeeds({ databaseUrl, issuers, apis }: GatewayConfig, { all }: Operations, report: Report): void {
  const idempotent = all.find(({ idempotency }) => idempotency);
  if (idempotent && databaseUrl === undefined) {
    const message = `is missing: ${idempotent.name} takes idempotency keys, which are kept in PostgreSQL`;
    report({ path: ['databaseUrl'], message });
  }
  const closed = all.find(({ access }) => access.kind !== 'public');
  if (closed && issuers.length === 0 && apis.length > 0) {
    report({ path: ['issuers'], message: `is empty: nobody could call ${closed.name}, which asks for a token` });
  }
}

/** Own endpoints go before all APIs: a route at exactly their path would never be reached. */
function checkPaths({ reference }: GatewayConfig, { routes }: Operations, report: Report): void {
  const own = ownPaths(reference);
  for (const { operation, route } of routes) {
    const { text } = route.template;
    if (!own.has(text)) continue;
    const message = `${rpcPlace(operation.rpc)} ${operation.name} is at ${text}, where the gateway has an endpoint of its own, which hides it: give the API a prefix, or the RPC another path`;
    report({ path: ['apis'], message });
  }
}

function reasonIn(work: () => unknown): string | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
