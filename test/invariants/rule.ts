import type { ClientBase } from 'pg';

/** A promise of the store that does not hold, and what shows it. */
export interface Violation {
  /** I1 to I11. */
  readonly invariant: string;
  readonly what: string;
  readonly evidence: Readonly<Record<string, unknown>>;
}

/** A rule about one schema: every row that its query finds breaks it. */
export interface Rule {
  readonly invariant: string;
  /** What is wrong with a row that is found. */
  readonly what: string;
  readonly sql: string;
  /** Values of $1, $2, … */
  readonly values?: readonly unknown[];
}

/** Rows of evidence that one rule reports; more of the same say nothing new. */
const MOST = 20;

/** Runs the rules over one schema, all on the same snapshot, so that a running store shows no half-done work. */
export async function checkRules(client: ClientBase, rules: readonly Rule[]): Promise<Violation[]> {
  const violations: Violation[] = [];
  await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
  try {
    for (const { invariant, what, sql, values = [] } of rules) {
      const { rows } = await client.query(`SELECT * FROM (${sql}) AS broken LIMIT ${MOST}`, [...values]);
      violations.push(...rows.map((evidence) => ({ invariant, what, evidence })));
    }
  } finally {
    await client.query('ROLLBACK');
  }
  return violations;
}
