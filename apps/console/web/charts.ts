import type { Interval } from '#reporting/intervals';
import { html, type Html } from './html.js';

// Drawings are decoration beside figures in text, hence hidden from screen readers. Sizes are SVG attributes: the
// content policy allows no inline style.

/** A bar of a share between 0 and 1. */
export function bar(share: number, tone: 'strong' | 'soft' | 'warm' = 'strong'): Html {
  return html`<svg
    class="chart ${tone}"
    viewBox="0 0 100 10"
    preserveAspectRatio="none"
    aria-hidden="true"
    focusable="false"
  >
    <rect class="ground" width="100" height="10" rx="1" />
    <rect class="value" width="${percent(share)}" height="10" rx="1" />
  </svg>`;
}

/** A value and its interval on a scale from 0 to `most`. */
export function range(value: number, { low, high }: Interval, most: number): Html {
  const at = (share: number): string => percent(most === 0 ? 0 : share / most);
  const width = percent(most === 0 ? 0 : (high - low) / most);
  return html`<svg
    class="chart range"
    viewBox="0 0 100 10"
    preserveAspectRatio="none"
    aria-hidden="true"
    focusable="false"
  >
    <rect class="ground" y="4" width="100" height="2" />
    <rect class="band" x="${at(low)}" y="1" width="${width}" height="8" rx="1" />
    <rect class="value" x="${at(value)}" width="0.8" height="10" />
  </svg>`;
}

/** Columns side by side: a pale one of `whole`, in it a strong one of `part`. */
export function columns(items: readonly { whole: number; part: number }[]): Html {
  // A single day is a column, not a wall.
  const slots = Math.max(7, items.length);
  const most = Math.max(1, ...items.map((item) => item.whole));
  const height = (n: number): number => Math.round((1000 * n) / most) / 10;
  return html`<svg
    class="chart columns"
    viewBox="0 0 ${slots * 10} 100"
    preserveAspectRatio="none"
    aria-hidden="true"
    focusable="false"
  >
    ${items.map(
      ({ whole, part }, place) =>
        html`<rect
            class="ground"
            x="${place * 10 + 1}"
            y="${100 - height(whole)}"
            width="8"
            height="${height(whole)}"
          /><rect
            class="value"
            x="${place * 10 + 1}"
            y="${100 - height(part)}"
            width="8"
            height="${height(part)}"
          />`,
    )}
  </svg>`;
}

function percent(share: number): string {
  return (100 * Math.min(1, Math.max(0, share))).toFixed(2);
}
