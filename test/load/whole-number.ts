/** What an option says, as a number. @throws naming the option and what it may be */
export function wholeNumber(option: string, text: string, { least, most }: { least: number; most: number }): number {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw new Error(`${option} ${text}: a whole number from ${least} to ${most} is wanted; see --help`);
}
