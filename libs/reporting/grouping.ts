import { compareNullsLast } from '#kernel/ordering';
import type { By, Dimension } from './question.js';

interface Counted {
  readonly by: readonly (string | null)[];
}

/**
 * Gathers counted rows into their groups, in the order of the dimensions, values ascending and "none" last. A
 * question without dimensions has one group, also when nothing was counted.
 */
export function grouped<R extends Counted>(
  dimensions: readonly Dimension[],
  rows: readonly R[],
): { by: By; rows: R[] }[] {
  const groups = new Map<string, { values: readonly (string | null)[]; rows: R[] }>();
  if (dimensions.length === 0) groups.set('[]', { values: [], rows: [] });
  for (const row of rows) {
    const key = JSON.stringify(row.by);
    const group = groups.get(key);
    if (group) group.rows.push(row);
    else groups.set(key, { values: row.by, rows: [row] });
  }
  return [...groups.values()]
    .sort((a, b) => compareNullsLast(a.values, b.values))
    .map(({ values, rows: own }) => ({
      by: Object.fromEntries(dimensions.map((name, place) => [name, values[place] ?? null])),
      rows: own,
    }));
}
