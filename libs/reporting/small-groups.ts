import type { SeededRandom } from '#kernel/seeded-random';
import type { Partition } from './partition.js';

/** Groups of fewer answers than may be shown, each once, as lists of cells. */
export class SmallGroups {
  /** The cells of all groups, one group after the other. */
  private cells = new Int32Array(1 << 12);
  private ends = new Int32Array(1 << 10);
  count = 0;
  private readonly alone: Uint8Array;
  private readonly known = new Map<number, number | number[]>();
  private readonly keys: Float64Array;

  constructor(cells: number, random: SeededRandom) {
    this.alone = new Uint8Array(cells);
    this.keys = Float64Array.from(
      { length: cells },
      () => random.below(2 ** 32) + 2 ** 32 * random.below(2 ** 16),
    );
  }

  /** Takes in the small figures of a partition. */
  addFrom({ of, figures, n, size }: Partition, fewest: number): void {
    const starts = new Int32Array(figures + 1);
    for (let figure = 0; figure < figures; figure++) {
      starts[figure + 1] = (starts[figure] ?? 0) + ((n[figure] ?? 0) < fewest ? (size[figure] ?? 0) : 0);
    }
    const members = new Int32Array(starts[figures] ?? 0);
    const filled = starts.slice();
    for (let cell = 0; cell < of.length; cell++) {
      const figure = of[cell] ?? 0;
      if ((n[figure] ?? 0) >= fewest) continue;
      members[filled[figure] ?? 0] = cell;
      filled[figure] = (filled[figure] ?? 0) + 1;
    }
    for (let figure = 0; figure < figures; figure++) {
      const group = members.subarray(starts[figure], starts[figure + 1]);
      if (group.length > 0) this.add(group);
    }
  }

  /** Takes in what is left of each large figure that is wanted (1) without its large parts, where that is small and more than one part. */
  addRests(wholes: Partition, wanted: Float64Array, parts: Partition, fewest: number): void {
    const rests = new Float64Array(wholes.figures);
    const counts = new Int32Array(wholes.figures);
    for (let part = 0; part < parts.figures; part++) {
      const n = parts.n[part] ?? 0;
      if (n >= fewest) continue;
      const whole = wholes.of[parts.first[part] ?? 0] ?? 0;
      rests[whole] = (rests[whole] ?? 0) + n;
      counts[whole] = (counts[whole] ?? 0) + 1;
    }
    const groups = new Map<number, number[]>();
    for (let whole = 0; whole < wholes.figures; whole++) {
      const small = (counts[whole] ?? 0) > 1 && (rests[whole] ?? 0) < fewest;
      if (small && wanted[whole] === 1 && (wholes.n[whole] ?? 0) >= fewest) groups.set(whole, []);
    }
    if (groups.size === 0) return;
    for (let cell = 0; cell < parts.of.length; cell++) {
      if ((parts.n[parts.of[cell] ?? 0] ?? 0) < fewest) groups.get(wholes.of[cell] ?? 0)?.push(cell);
    }
    for (const cells of groups.values()) this.add(Int32Array.from(cells));
  }

  /** `group`: cells in order. */
  private add(group: Int32Array): void {
    if (group.length === 1) {
      const cell = group[0] ?? 0;
      if (this.alone[cell]) return;
      this.alone[cell] = 1;
      this.append(group);
      return;
    }
    let key = 0;
    for (const cell of group) key += this.keys[cell] ?? 0;
    const same = this.known.get(key);
    const candidates = same === undefined ? [] : [same].flat();
    if (candidates.some((id) => this.equals(id, group))) return;
    this.known.set(key, same === undefined ? this.count : [...candidates, this.count]);
    this.append(group);
  }

  /** The groups in which the numbers of the cells add up to nothing. */
  balanced(numbers: Float64Array, nothing: number): Int32Array[] {
    const found: Int32Array[] = [];
    let at = 0;
    for (let id = 0; id < this.count; id++) {
      const end = this.ends[id] ?? 0;
      let sum = 0;
      for (; at < end; at++) sum += numbers[this.cells[at] ?? 0] ?? 0;
      if (Math.abs(sum) < nothing) found.push(this.group(id));
    }
    return found;
  }

  private group(id: number): Int32Array {
    return this.cells.subarray(id === 0 ? 0 : this.ends[id - 1], this.ends[id]);
  }

  private equals(id: number, group: Int32Array): boolean {
    const own = this.group(id);
    return own.length === group.length && own.every((cell, place) => cell === group[place]);
  }

  private append(group: Int32Array): void {
    const from = this.count === 0 ? 0 : (this.ends[this.count - 1] ?? 0);
    if (from + group.length > this.cells.length) this.cells = grown(this.cells);
    if (this.count === this.ends.length) this.ends = grown(this.ends);
    this.cells.set(group, from);
    this.ends[this.count++] = from + group.length;
  }
}

function grown(numbers: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(2 * numbers.length);
  larger.set(numbers);
  return larger;
}
