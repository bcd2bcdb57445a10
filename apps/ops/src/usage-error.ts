/** The command line is wrong: told with what to do, and ended with 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** No service could be asked, or none lets the caller in: ended with 3. */
export class NoAccessError extends Error {
  override readonly name = 'NoAccessError';
}
