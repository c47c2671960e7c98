import { AppError } from '#kernel/errors';

/**
 * Lets a few hashes be made at once and a bounded number wait: each takes 19 MiB, and a crowd at the door must cost
 * neither the memory nor the processor of everything else.
 */
export class HashingQueue {
  private running = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(
    private readonly atOnce: number,
    private readonly mostWaiting: number,
  ) {}

  /** Throws AppError `busy` (503) when too many wait already. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.running >= this.atOnce) {
      if (this.waiting.length >= this.mostWaiting) {
        throw new AppError('busy', 'Too many people sign in at this moment: try again in a few seconds.', {
          status: 503,
          exitCode: 1,
        });
      }
      // Who leaves hands the place over, so nobody can slip in between.
      await new Promise<void>((resolve) => this.waiting.push(resolve));
    } else {
      this.running++;
    }
    try {
      return await work();
    } finally {
      const next = this.waiting.shift();
      if (next) next();
      else this.running--;
    }
  }
}
