/** What programs refer to, by the numbers in their sources: `T[7]`. */
export class ProgramTable {
  readonly items: unknown[] = [];
  private readonly places = new Map<object, number>();

  /** The place of what belongs to a type, made when it is asked for first: in between it is taken, for messages may hold themselves. */
  placeOf(type: object, make: () => unknown): number {
    const known = this.places.get(type);
    if (known !== undefined) return known;
    const place = this.add(undefined);
    this.places.set(type, place);
    this.items[place] = make();
    return place;
  }

  add(item: unknown): number {
    return this.items.push(item) - 1;
  }
}
