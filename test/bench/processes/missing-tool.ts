/** Something that this machine lacks, or a registry that it cannot reach: what needs it is left out. */
export class MissingToolError extends Error {
  override readonly name = 'MissingToolError';
}
