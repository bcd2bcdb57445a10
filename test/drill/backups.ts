/** Backups of single services, and their way back. */
export interface Backups {
  readonly how: string;
  /** Resolves to the moment that recovery needs. */
  take(service: string): Promise<string>;
  restore(service: string): Promise<void>;
}
