/**
 * Orders lists of values place by place, ascending, "none" (null) last: how groups of a report are listed. Both lists
 * have the same length.
 */
export function compareNullsLast(a: readonly (string | null)[], b: readonly (string | null)[]): number {
  for (const [place, left] of a.entries()) {
    const right = b[place] ?? null;
    if (left === right) continue;
    if (left === null) return 1;
    if (right === null) return -1;
    return left < right ? -1 : 1;
  }
  return 0;
}
