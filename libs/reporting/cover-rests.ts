import { around, refines, seen, type Figures, type FigureSet } from './figures.js';

/** What is hidden of one whole in one cut of it. */
interface Rest {
  n: number;
  parts: number;
  /** The last of the hidden parts. */
  last: FigureSet | undefined;
  smallestOpen: FigureSet | undefined;
}

/**
 * The rules that look at one whole and its parts: parts of a hidden figure are hidden; where hidden parts of a shown
 * figure hold fewer than `fewest` together, or one of them stands alone and may not follow, the smallest open part is
 * hidden too. Most of what would follow from shown figures is prevented here, so that solving for the rest is seldom
 * needed. `own`: the figures of the turn that is decided; `all`: these and all before.
 */
export function coverRests(
  own: readonly Figures[],
  all: readonly Figures[],
  fewest: number,
  turn: number,
): void {
  let changed = true;
  while (changed) {
    changed = false;
    for (const finer of own)
      for (const coarser of all)
        if (refines(finer.mask, coarser.mask) && coverIn(coarser, finer, fewest, turn)) changed = true;
  }
}

function coverIn(wholes: Figures, parts: Figures, fewest: number, turn: number): boolean {
  let changed = hideParts(wholes, parts);
  for (const [whole, rest] of restsOf(wholes, parts)) {
    if (rest.parts === 0 || !seen(wholes.sets[whole])) continue;
    const { last } = rest;
    if (
      rest.n >= fewest &&
      rest.parts === 1 &&
      last &&
      !last.given &&
      last.turn === turn &&
      !last.vetoed &&
      !last.follows
    ) {
      // It may be known: hiding it for its own sake protects nothing.
      last.state = 'open';
      last.follows = true;
      changed = true;
    } else if (rest.smallestOpen && (rest.n < fewest || (rest.parts === 1 && last && !last.given))) {
      rest.smallestOpen.state = 'hidden';
      changed = true;
    }
  }
  return changed;
}

function hideParts(wholes: Figures, parts: Figures): boolean {
  let changed = false;
  for (const [part, set] of parts.sets.entries()) {
    if (set?.state !== 'open' || set.follows || seen(wholes.sets[around(parts, part, wholes)])) continue;
    set.state = 'hidden';
    changed = true;
  }
  return changed;
}

function restsOf(wholes: Figures, parts: Figures): Map<number, Rest> {
  const rests = new Map<number, Rest>();
  for (const [part, set] of parts.sets.entries()) {
    const whole = around(parts, part, wholes);
    const rest = rests.get(whole) ?? { n: 0, parts: 0, last: undefined, smallestOpen: undefined };
    rests.set(whole, rest);
    if (!seen(set)) {
      rest.n += parts.partition.n[part] ?? 0;
      rest.parts++;
      rest.last = set;
    } else if (set?.state === 'open' && set.n < (rest.smallestOpen?.n ?? Infinity)) rest.smallestOpen = set;
  }
  return rests;
}
