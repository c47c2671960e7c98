const HOUR_MS = 3_600_000;

interface Hour {
  total: number;
  readonly entries: { readonly at: number; readonly parts: number }[];
}

/** SMS parts by planned time. A sum over a month reads one number an hour, and single entries of one hour only. */
export class PartsBook {
  private readonly hours = new Map<number, Hour>();

  /** Negative `parts` take back an earlier entry. */
  add(at: Date, parts: number): void {
    const index = Math.floor(at.getTime() / HOUR_MS);
    let hour = this.hours.get(index);
    if (!hour) this.hours.set(index, (hour = { total: 0, entries: [] }));
    hour.total += parts;
    hour.entries.push({ at: at.getTime(), parts });
  }

  /** The parts of everything planned later than `since`. */
  after(since: Date): number {
    const boundary = Math.floor(since.getTime() / HOUR_MS);
    let sum = 0;
    for (const [index, hour] of this.hours) {
      if (index > boundary) sum += hour.total;
      else if (index === boundary) {
        for (const { at, parts } of hour.entries) if (at > since.getTime()) sum += parts;
      }
    }
    return sum;
  }
}
