/** For `until`: true once a number is what it was the last time. */
export function standsStill(number: () => number): () => boolean {
  let before = Number.NaN;
  return () => {
    const now = number();
    const stands = now === before;
    before = now;
    return stands;
  };
}
