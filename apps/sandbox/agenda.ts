import type { Clock } from '#kernel/clock';

interface Entry {
  readonly due: number;
  readonly order: number;
  readonly work: () => Promise<void> | void;
}

/** Longest wait of one timer: Node's overflow at 24.8 days and fire at once. */
const LONGEST_WAIT_MS = 60_000;
const IN_FLIGHT = 64;

/**
 * Things that will happen later in civil time: receipts, visitors who answer in the evening. Run by a timer in a
 * process, or by `runDue` in tests, where the clock is stepped by hand. Equal times keep their order.
 */
export class Agenda {
  private heap: Entry[] = [];
  private order = 0;
  private inFlight = new Set<Promise<void>>();
  private timer: NodeJS.Timeout | undefined;
  private running = false;

  constructor(
    private readonly clock: Clock,
    private readonly failed: (thrown: unknown) => void,
  ) {}

  at(when: Date, work: Entry['work']): void {
    push(this.heap, { due: when.getTime(), order: this.order++, work });
    if (this.running) this.arm();
  }

  /** After `ms` of civil time. */
  in(ms: number, work: Entry['work']): void {
    this.at(new Date(this.clock.now().getTime() + ms), work);
  }

  /** After `ms` of real waiting, for technical pauses such as a carrier's retry. */
  after(ms: number, work: Entry['work']): void {
    this.at(this.clock.after(ms), work);
  }

  get size(): number {
    return this.heap.length;
  }

  /** Runs all that is due, and what becomes due by it; resolves to how many once they are done. */
  async runDue(): Promise<number> {
    let done = 0;
    while (this.inFlight.size > 0 || this.isDue()) {
      done += this.launch();
      await Promise.race(this.inFlight);
    }
    return done;
  }

  start(): void {
    this.running = true;
    this.arm();
  }

  /** Starts nothing more and forgets what was planned; resolves when what runs has ended. */
  async stop(): Promise<void> {
    this.running = false;
    clearTimeout(this.timer);
    this.clear();
    await Promise.allSettled(this.inFlight);
  }

  clear(): void {
    this.heap = [];
  }

  private isDue(): boolean {
    return (this.heap[0]?.due ?? Infinity) <= this.clock.now().getTime();
  }

  private launch(): number {
    let launched = 0;
    for (; this.inFlight.size < IN_FLIGHT && this.isDue(); launched++) {
      const entry = pop(this.heap);
      if (!entry) break;
      const running: Promise<void> = (async () => entry.work())()
        .catch((thrown: unknown) => this.failed(thrown))
        .finally(() => {
          this.inFlight.delete(running);
          if (this.running) this.arm();
        });
      this.inFlight.add(running);
    }
    return launched;
  }

  private arm(): void {
    clearTimeout(this.timer);
    const next = this.heap[0];
    // A full house arms again as soon as one entry ends.
    if (!next || this.inFlight.size >= IN_FLIGHT) return;
    const wait = Math.max(0, (next.due - this.clock.now().getTime()) / this.clock.speed);
    this.timer = setTimeout(
      () => {
        this.launch();
        this.arm();
      },
      Math.min(wait, LONGEST_WAIT_MS),
    );
  }
}

function earlier(a: Entry, b: Entry): boolean {
  return a.due < b.due || (a.due === b.due && a.order < b.order);
}

function push(heap: Entry[], entry: Entry): void {
  let at = heap.push(entry) - 1;
  while (at > 0) {
    const above = (at - 1) >> 1;
    const parent = heap[above];
    if (!parent || earlier(parent, entry)) break;
    heap[at] = parent;
    at = above;
  }
  heap[at] = entry;
}

function pop(heap: Entry[]): Entry | undefined {
  const first = heap[0];
  const last = heap.pop();
  if (!last || !first || heap.length === 0) return first;
  let at = 0;
  for (;;) {
    let child = 2 * at + 1;
    const left = heap[child];
    const right = heap[child + 1];
    if (!left) break;
    if (right && earlier(right, left)) child++;
    const smaller = heap[child] ?? left;
    if (earlier(last, smaller)) break;
    heap[at] = smaller;
    at = child;
  }
  heap[at] = last;
  return first;
}
