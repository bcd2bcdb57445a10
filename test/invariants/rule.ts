import type { ClientBase } from 'pg';

/** A promise of the store that does not hold, and what shows it. */
export interface Violation {
  /** I1 to I11. */
  readonly invariant: string;
  readonly what: string;
  /** What breaks it: an order id, `sku@warehouse`, … */
  readonly subject: string;
  readonly evidence: Readonly<Record<string, unknown>>;
  /** It may be work on its way: it counts once it lasts. */
  readonly settles?: boolean;
}

/** A rule about one schema: every row that its query finds breaks it. */
export interface Rule {
  readonly invariant: string;
  /** What is wrong with a row that is found. */
  readonly what: string;
  /** The first column is called `subject`. */
  readonly sql: string;
  /** Values of $1, $2, … */
  readonly values?: readonly unknown[];
  /** Holds at rest only; other rules hold at every moment. */
  readonly settles?: boolean;
}

/** Rows that one rule reports; more of the same say nothing new. */
const MOST = 1000;

/** Runs the rules over one schema, all on the same snapshot: half-done transactions of a running store are not seen. */
export async function checkRules(client: ClientBase, rules: readonly Rule[]): Promise<Violation[]> {
  const violations: Violation[] = [];
  await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
  try {
    for (const { invariant, what, sql, values = [], settles = false } of rules) {
      const { rows } = await client.query(`SELECT * FROM (${sql}) AS broken ORDER BY subject LIMIT ${MOST}`, [
        ...values,
      ]);
      violations.push(
        ...rows.map(({ subject, ...evidence }) => ({ invariant, what, subject: String(subject), evidence, settles })),
      );
    }
  } finally {
    await client.query('ROLLBACK');
  }
  return violations;
}
