/** In the order of a request's way; the columns of the table. */
export const PARTS = ['gateway', 'users', 'inventory', 'orders', 'payments'] as const;

export type Part = (typeof PARTS)[number];

/** A line of the capacity sheet: how many replicas of each part, and how many cores each replica may use. */
export interface ReplicaRow {
  readonly replicas: Readonly<Record<Part, number>>;
  /** Undefined: as many as there are. */
  readonly cpus: number | undefined;
}

const MOST_REPLICAS = 10;

/** "1/1/1/2/1@0.2": one gateway, …, two of orders, 0.2 cores each. Without @: no limit. @throws telling what is wrong */
export function readRow(text: string): ReplicaRow {
  const [counts = '', cpus, ...more] = text.split('@');
  const replicas = counts.split('/').map((count) => (/^\d{1,2}$/.test(count) ? Number(count) : 0));
  const [gateway = 0, users = 0, inventory = 0, orders = 0, payments = 0] = replicas;
  const good = replicas.length === PARTS.length && replicas.every((count) => count >= 1 && count <= MOST_REPLICAS);
  const limit = cpus === undefined ? undefined : Number(cpus);
  if (!good || more.length > 0 || (limit !== undefined && !(limit >= 0.05 && limit <= 64)))
    throw new Error(
      `--row ${text}: one looks like 1/1/1/2/1@0.2, replicas (1 to 10) of ${PARTS.join('/')} @ cores of each`,
    );
  return { replicas: { gateway, users, inventory, orders, payments }, cpus: limit };
}

export function writeRow({ replicas, cpus }: ReplicaRow): string {
  return `${replicasOf(replicas)}${cpus === undefined ? '' : `@${cpus}`}`;
}

export function replicasOf(replicas: Readonly<Record<Part, number>>): string {
  return PARTS.map((part) => replicas[part]).join('/');
}
