import { sha256 } from '#kernel/ids';

/**
 * Seeded randomness without a sequence: each draw depends only on the seed and on what it is for, so that the
 * order in which messages happen to arrive changes nothing and a rehearsal repeats itself.
 */
export class Chance {
  constructor(private readonly seed: string) {}

  /** A number from 0 (inclusive) to 1 (exclusive), the same for the same purpose. */
  of(...purpose: readonly (string | number)[]): number {
    return sha256([this.seed, ...purpose].join('\u0000')).readUIntBE(0, 6) / 2 ** 48;
  }

  /** True in `rate` of the purposes; never at 0, always at 1. */
  happens(rate: number, ...purpose: readonly (string | number)[]): boolean {
    return this.of(...purpose) < rate;
  }

  between(range: Range, ...purpose: readonly (string | number)[]): number {
    return range[0] + (range[1] - range[0]) * this.of(...purpose);
  }

  pick<T>(list: readonly T[], ...purpose: readonly (string | number)[]): T {
    const picked = list[Math.floor(this.of(...purpose) * list.length)];
    if (picked === undefined) throw new RangeError('nothing to pick from');
    return picked;
  }

  /** One key of `weights`, each as likely as its weight; weights need not add up to 1. */
  weighted<K extends string>(
    weights: Readonly<Record<K, number>>,
    ...purpose: readonly (string | number)[]
  ): K {
    const entries = Object.entries(weights) as [K, number][];
    let left = this.of(...purpose) * entries.reduce((sum, [, weight]) => sum + weight, 0);
    for (const [key, weight] of entries) {
      left -= weight;
      if (left < 0) return key;
    }
    throw new RangeError('no weight is above zero');
  }

  /** `bytes` bytes that look random, for ids such as a Viber user's. */
  bytes(bytes: number, ...purpose: readonly (string | number)[]): Buffer {
    return sha256([this.seed, ...purpose].join('\u0000')).subarray(0, bytes);
  }
}

/** From, inclusive, and to, exclusive. */
export type Range = readonly [number, number];
