/**
 * Headers of an answer. They are kept in the form in which Node writes them: with a dozen of them a look through the list
 * costs less than a map that has to be turned into one.
 */
export class ReplyHeaders {
  private readonly fields: string[];

  /** `fields` are names in lower case and values in turn. */
  constructor(fields: readonly string[]) {
    this.fields = [...fields];
  }

  get(name: string): string | undefined {
    const at = this.indexOf(name.toLowerCase());
    return at < 0 ? undefined : this.fields[at + 1];
  }

  set(name: string, value: string | number): void {
    const key = name.toLowerCase();
    const at = this.indexOf(key);
    if (at < 0) this.fields.push(key, String(value));
    else this.fields[at + 1] = String(value);
  }

  delete(name: string): void {
    const at = this.indexOf(name.toLowerCase());
    if (at >= 0) this.fields.splice(at, 2);
  }

  /** Names and values in turn. */
  list(): string[] {
    return this.fields;
  }

  private indexOf(key: string): number {
    const { fields } = this;
    for (let at = 0; at < fields.length; at += 2) if (fields[at] === key) return at;
    return -1;
  }
}
