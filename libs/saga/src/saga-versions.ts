import type { SagaTable } from './table.js';

/** The tables of one saga that a release has. @throws when they are none, of several sagas, or two of one version */
export class SagaVersions<Data extends object> {
  private readonly newest: SagaTable<Data>;

  constructor(private readonly tables: readonly SagaTable<Data>[]) {
    const [first, ...others] = [...tables].sort((a, b) => b.version - a.version);
    if (!first) throw new Error('A saga needs at least one table');
    if (others.some((one) => one.name !== first.name)) {
      throw new Error('The tables of an engine are versions of one saga');
    }
    if (new Set(this.numbers).size !== tables.length) {
      throw new Error(`Two tables of ${first.name} have the same version`);
    }
    this.newest = first;
  }

  get name(): string {
    return this.newest.name;
  }

  get numbers(): number[] {
    return this.tables.map((table) => table.version);
  }

  find(version: number): SagaTable<Data> | undefined {
    return this.tables.find((one) => one.version === version);
  }

  /** What new instances begin with: the newest, or the version that is asked for. @throws when there is no such table */
  toBeginWith(version = this.newest.version): SagaTable<Data> {
    const table = this.find(version);
    if (!table) throw new Error(`${this.name} cannot begin with v${version}: there is no such table`);
    return table;
  }

  /** Of the versions of open instances: those that this release has dropped, in words; undefined when there are none. */
  problem(open: readonly number[]): string | undefined {
    const dropped = this.unknown(open).filter((version) => version < this.newest.version);
    if (dropped.length === 0) return undefined;
    return `open instances of ${this.name} began with v${dropped.join(', v')}, which this release does not know`;
  }

  /** Of the versions of open instances: those that a newer release has, in words; undefined when there are none. */
  notice(open: readonly number[]): string | undefined {
    const newer = this.unknown(open).filter((version) => version > this.newest.version);
    if (newer.length === 0) return undefined;
    return `open instances of ${this.name} began with v${newer.join(', v')}, and wait for a release that knows it`;
  }

  private unknown(open: readonly number[]): number[] {
    return open.filter((version) => !this.find(version));
  }
}
