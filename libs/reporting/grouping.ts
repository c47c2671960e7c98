import { compareNullsLast } from '#kernel/ordering';
import type { By, Dimension } from './question.js';

type Values = readonly (string | null)[];

interface Counted {
  readonly by: Values;
}

interface Group<R> {
  readonly values: Values;
  readonly rows: R[];
}

/**
 * Gathers counted rows into their groups, in the order of the dimensions, values ascending and "none" last. A
 * question without dimensions has one group, also when nothing was counted.
 */
export function grouped<R extends Counted>(
  dimensions: readonly Dimension[],
  rows: readonly R[],
): { by: By; rows: R[] }[] {
  const groups = new Map<string, Group<R>>();
  if (dimensions.length === 0) groups.set('[]', { values: [], rows: [] });
  // Rows of a group mostly follow each other with one and the same list, so its key is rarely made.
  let last: { by: Values; group: Group<R> } | undefined;
  for (const row of rows) {
    if (row.by !== last?.by) last = { by: row.by, group: groupOf(groups, row.by) };
    last.group.rows.push(row);
  }
  return [...groups.values()]
    .sort((a, b) => compareNullsLast(a.values, b.values))
    .map(({ values, rows: own }) => ({
      by: Object.fromEntries(dimensions.map((name, place) => [name, values[place] ?? null])),
      rows: own,
    }));
}

function groupOf<R>(groups: Map<string, Group<R>>, values: Values): Group<R> {
  const key = JSON.stringify(values);
  const group = groups.get(key) ?? { values, rows: [] };
  groups.set(key, group);
  return group;
}
