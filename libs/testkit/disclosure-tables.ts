import { DisclosureTable, type Cell, type Sum } from '#reporting/disclosure-table';
import { Echelon } from '#reporting/echelon';

/** A figure of a report of some dimensions, with the cells it is the sum of. */
export interface ReportedFigure {
  readonly name: string;
  readonly n: number;
  readonly shown: boolean;
  readonly cells: readonly number[];
}

export interface TableSpec {
  readonly implied?: readonly number[];
  readonly veto?: (sum: Sum) => boolean;
}

/** A table of so many dimensions whose choices of one dimension are decided first, then those of two, and so on. */
export function tableOf(
  cells: readonly Cell[],
  width: number,
  { implied = [], veto }: TableSpec = {},
): DisclosureTable {
  const all = Array.from({ length: width }, (_, d) => implied[d] ?? 0);
  const masks = Array.from({ length: 2 ** width }, (_, mask) => mask).filter((mask) =>
    all.every((other, d) => (mask & (1 << d)) === 0 || (other & ~mask) === 0),
  );
  const turns = Array.from({ length: width + 1 }, (_, count) => ({
    masks: masks.filter((mask) => bits(mask) === count),
    guarded: count === 0 ? masks : [],
  }));
  return new DisclosureTable(cells, { implied: all, turns, ...(veto && { veto }) });
}

/** Every group that a report of some dimensions has. */
export function reportOf(table: DisclosureTable, cells: readonly Cell[], mask: number): ReportedFigure[] {
  const groups = new Map<string, number[]>();
  for (const [cell, { by }] of cells.entries()) {
    const key = by.map((value, d) => (mask & (1 << d) ? value : '·')).join(' ');
    groups.set(key, [...(groups.get(key) ?? []), cell]);
  }
  return [...groups].map(([name, own]) => ({
    name,
    n: own.reduce((n, cell) => n + (cells[cell]?.n ?? 0), 0),
    shown: table.shows(new Set(own), mask),
    cells: own,
  }));
}

/** The groups of some that follow from shown figures, by elimination over all cells. */
export function recoveredFrom<G extends { readonly cells: readonly number[] }>(
  shown: readonly { readonly cells: readonly number[] }[],
  groups: readonly G[],
  width: number,
): G[] {
  const indicator = ({ cells }: { readonly cells: readonly number[] }): Float64Array => {
    const vector = new Float64Array(width);
    for (const cell of cells) vector[cell] = 1;
    return vector;
  };
  const known = new Echelon(shown.map(indicator));
  return groups.filter((group) => known.combination(indicator(group)) !== undefined);
}

function bits(mask: number): number {
  return mask === 0 ? 0 : (mask & 1) + bits(mask >> 1);
}
