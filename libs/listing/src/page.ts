/** The sort keys of the row that ended a page, as PostgreSQL writes them: exact where a Date or a number is not. */
export type Cursor = readonly string[];

export interface PageRequest {
  readonly size: number;
  /** Where the page before ended; undefined for the first page. */
  readonly after: Cursor | undefined;
}

export interface PageOf<Row> {
  readonly rows: Row[];
  /** Where this page ended; undefined on the last one. */
  readonly next: Cursor | undefined;
}
