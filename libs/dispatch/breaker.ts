import type { AttemptEnd } from './settlement.policy.js';

/** So many failures in a row that chance does not explain them. */
const RUN = 8;
const FIRST_PAUSE_MS = 10_000;
const LONGEST_PAUSE_MS = 5 * 60_000;

/**
 * Keeps a lane from sending its whole queue at a carrier that is down: each message would end in doubt or burn its
 * attempts. After a run of failures it pauses, twice as long each time, and no shorter than the carrier asked. A pause ends with a harmless call to the
 * carrier, then with one message; the first that the carrier decides on, whichever way, opens the lane again. Each worker
 * finds out for itself.
 */
export class Breaker {
  private run = 0;
  private pauses = 0;
  private pausedUntil = 0;
  private probedWell = false;

  /** How many messages may be in hand at the moment; `real` in milliseconds. */
  allowance(real: number): number {
    if (this.pauses === 0) return Infinity;
    return real >= this.pausedUntil && this.probedWell ? 1 : 0;
  }

  /** Whether the lane is paused or feeling its way. */
  get tripped(): boolean {
    return this.pauses > 0;
  }

  /** Real milliseconds until which the lane waits, or waited last; 0 when it is open. */
  get pausedUntilMs(): number {
    return this.pauses > 0 ? this.pausedUntil : 0;
  }

  /** The pause is over, and the carrier should be asked whether it works. */
  wantsProbe(real: number): boolean {
    return this.pauses > 0 && real >= this.pausedUntil && !this.probedWell;
  }

  /** Takes note of the carrier's answer to the harmless call. */
  probed(ok: boolean, real: number): void {
    if (ok) this.probedWell = true;
    else this.pause(real);
  }

  /** Takes note of how an attempt ended. */
  note(end: AttemptEnd, real: number): void {
    if (end.outcome === 'given_back' || end.outcome === 'unwritable') return;
    if (!isFailure(end)) {
      this.run = 0;
      this.pauses = 0;
      return;
    }
    this.run++;
    // Those still in flight when it tripped end during the pause and must not double it.
    if (this.run >= RUN && real >= this.pausedUntil) this.pause(real, askedOf(end));
  }

  /** Never shorter than the carrier asked, as long as that is no longer than a pause may be. */
  private pause(real: number, askedMs = 0): void {
    const usual = FIRST_PAUSE_MS * 2 ** this.pauses;
    this.pausedUntil = real + Math.min(LONGEST_PAUSE_MS, Math.max(usual, askedMs));
    this.pauses++;
    this.probedWell = false;
  }
}

function askedOf(end: AttemptEnd): number | undefined {
  return end.outcome === 'deferred' ? end.retryAfterMs : undefined;
}

/** A rejected number or text is the carrier at work; silence, refusal to take anything, or our account refused is not. */
function isFailure(end: AttemptEnd): boolean {
  return (
    end.outcome === 'deferred' ||
    end.outcome === 'uncertain' ||
    (end.outcome === 'rejected' && end.scope === 'sender')
  );
}
