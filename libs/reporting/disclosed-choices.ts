import { tooFine, type Turn } from './disclosure-table.js';
import type { Dimension, Flag } from './question.js';

/** Dimensions of reports, one that only comparisons have, and the flags, each a dimension of its own. */
export type Named = Dimension | 'employee' | Flag;
/** Dimensions that answers are counted by for each day. */
export type Lasting = Exclude<Named, 'day' | 'week' | 'month'>;

/** What a value of a dimension tells of another: a figure follows from its parts there as well. */
export const IMPLIED: Readonly<Partial<Record<Named, readonly Dimension[]>>> = {
  employee: ['centre'],
  day: ['week', 'month'],
  variant: ['campaign'],
};

/** What figures can be grouped by, in turns: the dimensions of one table, and the choices of them. */
export interface Choices {
  readonly names: readonly Named[];
  /** For each name the others that it implies, one bit each. */
  readonly implied: readonly number[];
  readonly turns: readonly Turn[];
  /** Choices that another table decides before. */
  readonly settled: { readonly masks: readonly number[]; readonly choices: Choices } | undefined;
  readonly maskOf: (names: readonly Named[]) => number;
}

/** What all answers are counted by for each day. */
export const COUNTED_BY = ['centre', 'service', 'campaign', 'channel', 'variant', 'language'] as const;
/** All these are decided together in every report. */
const TOGETHER = [...COUNTED_BY, 'month'] as const;
/** Those that only some reports have, decided after all choices of one and two of the others. */
const FURTHER = ['week', 'day', 'employee', 'robots', 'staff'] as const;
const SETTLED_TURNS = 2;
// Cells times choices; numbers of this many figures fit well into memory.
const MOST_PLACES = 8_000_000;

/** What is known of the answers before choices are made. */
export interface Seen {
  /** Whether the answers have more than one value. */
  readonly varies: (name: Named) => boolean;
  /** How many cells a table of these dimensions has. */
  readonly cells: (names: readonly Named[]) => number;
}

/**
 * The choices of dimensions that are decided for a question. By the columns that answers were counted by, it is either all of
 * the dimensions above, so that all reports of the period are decided together, or only those of the question and their
 * margins: when there are so many answers that they were not counted by all, or so many cells that they do not fit. Throws
 * AppError `report_too_fine` when not even these fit.
 */
export function choicesOf(named: readonly Named[], columns: readonly Lasting[], known: Seen): Choices {
  const further = FURTHER.filter((name) => named.includes(name));
  if (COUNTED_BY.every((name) => columns.includes(name))) {
    const base = choicesAmong([...TOGETHER, ...further.filter((name) => !known.varies(name))], known);
    const own = further.some(known.varies) ? afterThese(base, further.filter(known.varies), known) : base;
    if (base.fits && own.fits) return own;
  }
  const own = [...TOGETHER, ...FURTHER].filter((name) => named.includes(name));
  const alone = choicesAmong(own, known);
  if (!alone.fits) throw tooFine();
  return alone;
} // prettier-ignore

/** The choices that have one of the further dimensions, after those of one and two of the others. */
function afterThese(base: Choices, further: readonly Named[], known: Seen): Fitting {
  const first = 2 ** base.names.length;
  const own = choicesAmong([...base.names, ...further], known, (mask) => mask >= first);
  const masks = base.turns.slice(0, SETTLED_TURNS).flatMap((turn) => turn.masks);
  return { ...own, settled: { masks, choices: base } };
}

type Fitting = Choices & { readonly fits: boolean };

function choicesAmong(names: readonly Named[], known: Seen, wanted: (mask: number) => boolean = () => true): Fitting {
  // A dimension with one value cuts nothing: choices with it are those without it.
  const bits = new Map(names.map((name, place) => [name, known.varies(name) ? 1 << place : 0]));
  const maskOf = (some: readonly Named[]): number => some.reduce((mask, name) => mask | (bits.get(name) ?? 0), 0);
  const implied = names.map((name) => maskOf(IMPLIED[name] ?? []));
  const all = maskOf(names);
  const closed = (mask: number): boolean =>
    (mask & ~all) === 0 && implied.every((other, place) => (mask & (1 << place)) === 0 || (other & ~mask) === 0);
  const masks = Array.from({ length: 2 ** names.length }, (_, mask) => mask).filter((mask) => closed(mask) && wanted(mask));
  const width = (mask: number): number => Math.max(1, widthOf(names.filter((name) => mask & (bits.get(name) ?? 0))));
  const widest = masks.reduce((most, mask) => Math.max(most, width(mask)), 1);
  const turns = Array.from({ length: widest }, (_, turn) => ({
    masks: masks.filter((mask) => width(mask) === turn + 1),
    guarded: turn === 0 ? masks : [],
  }));
  const fits = masks.length * known.cells(names) <= MOST_PLACES;
  return { names, implied, turns, settled: undefined, maskOf, fits };
} // prettier-ignore

/** How many dimensions a choice has, the calendar counted once and without those that others imply. */
function widthOf(names: readonly Named[]): number {
  const told = new Set<Named>(names.flatMap((name) => IMPLIED[name] ?? []));
  const free = names.filter((name) => !told.has(name));
  return free.length - (free.includes('week') && free.includes('month') ? 1 : 0);
}
