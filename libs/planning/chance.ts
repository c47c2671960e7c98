/** Keyed hash of a text; the number vault's, so that chance cannot be foreseen or steered from outside. */
export type KeyedHash = (text: string) => Buffer;

// 48 bits fit a number exactly and leave no visible bias in percents.
const CHANCE_BYTES = 6;
const RANGE = 2 ** (8 * CHANCE_BYTES);

/**
 * Chance that a rerun repeats: the same key and the same visit or person always draw the same number. Each use has
 * a number of its own, so that the sample, the control group and the variants do not depend on each other.
 */
export class Chance {
  private last = { text: '', number: 0 };

  constructor(private readonly hash: KeyedHash) {}

  /** Whether the visit is in a sample of `percent` of the visits. */
  sampled(visit: { visitKey: string }, percent: number): boolean {
    return percent >= 100 || this.draw(`sample:${visit.visitKey}`) * 100 < percent;
  }

  /** Whether the person is in a control group of `percent`. A larger group of another campaign contains it. */
  control(person: string, percent: number): boolean {
    return percent > 0 && this.draw(`control:${person}`) * 100 < percent;
  }

  /** The variant the person gets in this campaign, each as likely as its share is large. */
  variant(person: string, campaign: string, shares: Readonly<Record<string, number>>): string {
    // Sorted, because the database does not keep the order of keys.
    const entries = Object.entries(shares).sort(([a], [b]) => (a < b ? -1 : 1));
    const [first] = entries;
    if (!first) throw new Error('a campaign without an invite text was published');
    if (entries.length === 1) return first[0];
    const total = entries.reduce((sum, [, share]) => sum + share, 0);
    let left = this.draw(`variant:${campaign}:${person}`) * total;
    for (const [key, share] of entries) {
      left -= share;
      if (left < 0) return key;
    }
    return first[0];
  }

  /** Uniform in [0, 1). The last draw is kept: a person's variant is asked for once to count parts, once to write. */
  private draw(text: string): number {
    if (this.last.text !== text) {
      this.last = { text, number: this.hash(text).readUIntBE(0, CHANCE_BYTES) / RANGE };
    }
    return this.last.number;
  }
}
