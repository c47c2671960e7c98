/**
 * Two kinds of time. *Civil* time decides when people are written to and may run fast in a rehearsal;
 * *real* time bounds technical waits (leases, back-off) and never does.
 */
export interface Clock {
  /** Civil now: the only time that rules about visits, windows and deadlines may use. */
  now(): Date;
  /** The machine's own now, for leases between processes. */
  real(): Date;
  /** The civil moment that is `realMs` milliseconds of real waiting away. */
  after(realMs: number): Date;
  /** Civil seconds per real second; 1 outside rehearsals. */
  readonly speed: number;
}

export interface VirtualClockSpec {
  readonly start: Date;
  readonly speed: number;
}

export const systemClock: Clock = {
  now: () => new Date(),
  real: () => new Date(),
  after: (realMs) => new Date(Date.now() + realMs),
  speed: 1,
};

/**
 * A clock that read `spec.start` at the real moment `anchor` and runs `spec.speed` times as fast since.
 * Processes that share the anchor agree on the time.
 */
export function virtualClock(spec: VirtualClockSpec, anchor: Date, real: () => number = Date.now): Clock {
  const civil = (at: number): Date => new Date(spec.start.getTime() + (at - anchor.getTime()) * spec.speed);
  return {
    now: () => civil(real()),
    real: () => new Date(real()),
    after: (realMs) => civil(real() + realMs),
    speed: spec.speed,
  };
}

const CLOCK = /^(\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d))(?:@(\d+(?:\.\d+)?))?$/;

/**
 * Reads `2020-01-13T08:00:00+01:00@60`: an ISO moment with offset and, after `@`, the speed (default 1).
 * Returns undefined when the text is not of that form.
 */
export function parseClockSpec(text: string): VirtualClockSpec | undefined {
  const match = CLOCK.exec(text.trim());
  if (!match) return undefined;
  const start = new Date(match[1] ?? '');
  const speed = match[2] === undefined ? 1 : Number(match[2]);
  return Number.isNaN(start.getTime()) || speed <= 0 ? undefined : { start, speed };
}

/** A clock that stands still until told otherwise: the planner's simulator and tests. */
export class SteppedClock implements Clock {
  readonly speed = 1;
  constructor(private at: Date) {}
  now(): Date {
    return new Date(this.at);
  }
  real(): Date {
    return new Date(this.at);
  }
  after(realMs: number): Date {
    return new Date(this.at.getTime() + realMs);
  }
  set(at: Date): void {
    this.at = new Date(at);
  }
  advance(ms: number): void {
    this.at = new Date(this.at.getTime() + ms);
  }
}
