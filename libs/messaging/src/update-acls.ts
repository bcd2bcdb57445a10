import { services } from '#libs/contracts';
import { openAclAdmin } from './kafka/acls.js';
import type { KafkaPlace } from './kafka/client.js';
import { orRefused } from './kafka/refusal.js';
import { type Right, rightsOfServices } from './rights.js';

export interface UpdateAclsOptions extends KafkaPlace {
  /** Put before the name of each topic and group; default empty. */
  prefix?: string;
  onProgress?: (line: string) => void;
}

/**
 * Makes the ACLs of the brokers what the contracts say: grants what is missing, then revokes what a service has beyond it
 * on topics and groups of this store. ACLs of other principals, on other names, and those that deny are left alone.
 * `security` must be an administrator's. Without an authorizer there is nothing to do, which is said. Safe to repeat.
 * Rejects when Kafka is away, or with a `KafkaRefusedError`.
 */
export function updateAcls(options: UpdateAclsOptions): Promise<void> {
  return orRefused(options, 'change ACLs', () => update(options));
}

async function update({ prefix = '', onProgress = () => {}, ...place }: UpdateAclsOptions): Promise<void> {
  const admin = await openAclAdmin(place);
  try {
    const held = await admin.rights();
    if (!held) return onProgress('Kafka has no authorizer: no ACLs were made, everybody may do everything there');
    const wanted = rightsOfServices(prefix);
    const missing = without(wanted, held);
    const excess = without(
      held.filter((right) => isOurs(right, prefix)),
      wanted,
    );
    await admin.grant(missing);
    await admin.revoke(excess);
    const changes = `${missing.length} were new, ${excess.length} were removed`;
    onProgress(`${wanted.length} ACLs of ${services.length} services hold (${changes})`);
  } finally {
    await admin.close();
  }
}

/** A service of the contracts, on a name that a topic or group of ours has or had. */
function isOurs({ service, name }: Right, prefix: string): boolean {
  if (!services.includes(service) || !name.startsWith(prefix)) return false;
  const [first = ''] = name.slice(prefix.length).split('.', 1);
  return services.includes(first);
}

function without(rights: readonly Right[], others: readonly Right[]): Right[] {
  const known = new Set(others.map(keyOf));
  return rights.filter((right) => !known.has(keyOf(right)));
}

const keyOf = ({ service, resource, name, match, operation }: Right): string =>
  [service, resource, name, match, operation].join(' ');
