import { DomainError, type FieldViolation } from '#libs/errors';

/** More would be read by nobody; and each name that is not known costs a search for what was meant. */
const MOST = 100;

/** Gathers what is wrong with a request, so that a client learns all of it at once: a hundred faults of it. */
export class Violations {
  private readonly found: FieldViolation[] = [];
  private onlyUnknown = true;
  private hasMore = false;

  /** `name`, at the end or within the path `field`, is none of the `known` names that its message has. */
  unknown(field: string, name: string, known: readonly string[]): void {
    if (this.isFull) return;
    const suggestion = closest(name, known);
    this.found.push({
      field: shorten(field),
      description: suggestion ? `is not known; did you mean "${suggestion}"?` : 'is not known',
      reason: 'unknown',
    });
  }

  invalid(field: string, description: string): void {
    this.onlyUnknown = false;
    if (this.isFull) return;
    this.found.push({ field: shorten(field), description, reason: 'type' });
  }

  get isEmpty(): boolean {
    return this.found.length === 0;
  }

  /** Whether no more will be told: whoever asks for it has one more to tell. */
  get isFull(): boolean {
    this.hasMore ||= this.found.length >= MOST;
    return this.hasMore;
  }

  /** Throws UNKNOWN_FIELD or VALIDATION_FAILED when there is something to tell. */
  throwIfAny(): void {
    if (this.isEmpty) return;
    if (this.hasMore) this.found.push({ field: '', description: 'and more, of which only these are told' });
    throw new DomainError(this.onlyUnknown ? 'UNKNOWN_FIELD' : 'VALIDATION_FAILED', { violations: this.found });
  }
}

// Names come from the client: an answer does not repeat long ones.
const shorten = (name: string) => (name.length > 200 ? `${name.slice(0, 200)}…` : name);
const plain = (name: string) => name.toLowerCase().replace(/[-_.\s]/g, '');

/** The known name with the fewest edits, if at most a third of it is wrong. */
function closest(name: string, known: readonly string[]): string | undefined {
  if (name.length > 64) return undefined;
  let best: string | undefined;
  let bestEdits = Number.POSITIVE_INFINITY;
  for (const candidate of known) {
    const edits = editDistance(plain(name), plain(candidate));
    if (edits < bestEdits && edits <= Math.max(1, Math.floor(candidate.length / 3))) {
      best = candidate;
      bestEdits = edits;
    }
  }
  return best;
}

/** Insertions, deletions, replacements and swaps of neighbours (optimal string alignment). */
function editDistance(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, index) => index)];
  const at = (i: number, j: number) => rows[i]?.[j] ?? Number.POSITIVE_INFINITY;
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    rows.push(row);
    for (let j = 1; j <= b.length; j++) {
      const replaced = at(i - 1, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swapped = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? at(i - 2, j - 2) + 1 : Number.POSITIVE_INFINITY;
      row.push(Math.min(at(i - 1, j) + 1, at(i, j - 1) + 1, replaced, swapped));
    }
  }
  return at(a.length, b.length);
}
