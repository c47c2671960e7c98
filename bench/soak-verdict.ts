/** What was seen at one moment of a soak. */
export interface Sample {
  readonly workerMb: number;
  readonly gatewayMb: number;
  readonly connections: number;
  readonly oldestDueMs: number;
  readonly unsettled: number;
  readonly unapplied: number;
}

/** One measure over time: its median in the second quarter and in the last, and whether it grew beyond what is noise. */
export interface Trend {
  readonly name: string;
  readonly early: number;
  readonly late: number;
  readonly most: number;
  readonly flat: boolean;
}

/** What a measure may grow by from the second quarter to the last: a share of it, and so much more. */
const MAY_GROW: Readonly<Record<keyof Sample, { readonly share: number; readonly by: number }>> = {
  workerMb: { share: 0.1, by: 8 },
  gatewayMb: { share: 0.1, by: 8 },
  connections: { share: 0, by: 2 },
  oldestDueMs: { share: 0.5, by: 2_000 },
  unsettled: { share: 0.5, by: 100 },
  unapplied: { share: 0.5, by: 100 },
};

/** The first quarter fills caches and warms the compiler, so the second is what the last is compared with. */
export function trendsOf(samples: readonly Sample[]): Trend[] {
  const quarter = Math.floor(samples.length / 4);
  return (Object.keys(MAY_GROW) as (keyof Sample)[]).map((name) => {
    const { share, by } = MAY_GROW[name];
    const of = (part: readonly Sample[]): number[] => part.map((sample) => sample[name]);
    const early = median(of(samples.slice(quarter, 2 * quarter)));
    const late = median(of(samples.slice(-quarter)));
    // Nothing measured is not flat.
    const flat = late <= early * (1 + share) + by;
    return { name, early, late, most: Math.max(...of(samples)), flat };
  });
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}
