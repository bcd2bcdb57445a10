import kafkajs, { type AclEntry, type Admin, type DescribeAclResource } from 'kafkajs';
import type { Right } from '../rights.js';
import { type KafkaPlace, openKafka, SILENT } from './client.js';

const { AclOperationTypes, AclPermissionTypes, AclResourceTypes, ResourcePatternTypes } = kafkajs;

/** What brokers let services do. An ACL that says something else than a `Right` can is never touched. */
export interface AclAdmin {
  /** Undefined: the brokers have no authorizer, everybody may do everything. */
  rights(): Promise<Right[] | undefined>;
  grant(rights: readonly Right[]): Promise<void>;
  revoke(rights: readonly Right[]): Promise<void>;
  close(): Promise<void>;
}

/** Rejects within seconds when no broker answers. */
export async function openAclAdmin(place: KafkaPlace): Promise<AclAdmin> {
  const admin = openKafka({ ...place, clientId: 'acls', log: SILENT }).admin({ retry: { retries: 2 } });
  await admin.connect();
  return {
    rights: () => rights(admin),
    grant: async (granted) => {
      if (granted.length > 0) await admin.createAcls({ acl: granted.map(asAcl) });
    },
    revoke: async (revoked) => {
      if (revoked.length > 0) await admin.deleteAcls({ filters: revoked.map(asAcl) });
    },
    close: () => admin.disconnect(),
  };
}

async function rights(admin: Admin): Promise<Right[] | undefined> {
  try {
    const { resources } = await admin.describeAcls({
      resourceType: AclResourceTypes.ANY,
      resourcePatternType: ResourcePatternTypes.ANY,
      operation: AclOperationTypes.ANY,
      permissionType: AclPermissionTypes.ALLOW,
    });
    return resources.flatMap(asRights);
  } catch (error) {
    if (error instanceof kafkajs.KafkaJSProtocolError && error.type === 'SECURITY_DISABLED') return undefined;
    throw error;
  }
}

const PRINCIPAL = 'User:';
const EVERY_HOST = '*';
const resourceTypes = { topic: AclResourceTypes.TOPIC, group: AclResourceTypes.GROUP } as const;
const patternTypes = { exactly: ResourcePatternTypes.LITERAL, prefix: ResourcePatternTypes.PREFIXED } as const;
const operations = {
  read: AclOperationTypes.READ,
  write: AclOperationTypes.WRITE,
  delete: AclOperationTypes.DELETE,
} as const;

function asAcl({ service, resource, name, match, operation }: Right): AclEntry {
  return {
    principal: PRINCIPAL + service,
    host: EVERY_HOST,
    resourceType: resourceTypes[resource],
    resourceName: name,
    resourcePatternType: patternTypes[match],
    operation: operations[operation],
    permissionType: AclPermissionTypes.ALLOW,
  };
}

function asRights({ resourceType, resourceName: name, resourcePatternType, acls }: DescribeAclResource): Right[] {
  const resource = keyOf(resourceTypes, resourceType);
  const match = keyOf(patternTypes, resourcePatternType);
  if (!resource || !match) return [];
  return acls.flatMap(({ principal, host, operation: code }) => {
    const operation = keyOf(operations, code);
    if (!operation || host !== EVERY_HOST || !principal.startsWith(PRINCIPAL)) return [];
    return [{ service: principal.slice(PRINCIPAL.length), resource, name, match, operation }];
  });
}

function keyOf<K extends string>(codes: Readonly<Record<K, number>>, code: number): K | undefined {
  for (const name in codes) if (codes[name] === code) return name;
  return undefined;
}
