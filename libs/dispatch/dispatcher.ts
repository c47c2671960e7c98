import type { Channel } from '#channels/channel';
import { Lane } from './lane.js';
import { noCounts, type LaneCounts, type LaneParts } from './lane-parts.js';

/** The lanes of a process, one for each of its senders: a slow carrier holds up only its own. */
export class Dispatcher {
  private readonly lanes = new Map<string, Lane>();

  constructor(channels: ReadonlyMap<string, Channel>, parts: LaneParts) {
    for (const [sender, channel] of channels) this.lanes.set(sender, new Lane(channel, parts));
  }

  get senders(): string[] {
    return [...this.lanes.keys()];
  }

  /** Whether the sender's lane waits for its carrier to recover. */
  paused(sender: string): boolean {
    return this.lanes.get(sender)?.paused ?? false;
  }

  /** Sends everything that is due and resolves to counts when it is settled. */
  async runOnce(): Promise<LaneCounts> {
    const total = noCounts();
    for (const counts of await Promise.all([...this.lanes.values()].map((lane) => lane.runOnce()))) {
      for (const name of Object.keys(total) as (keyof LaneCounts)[]) total[name] += counts[name];
    }
    return total;
  }

  /** Claims what is due for the sender, if there is room, and leaves it to be sent. Rejects when it cannot claim. */
  async wake(sender: string): Promise<void> {
    await this.lanes.get(sender)?.wake();
  }

  /**
   * Claims no more, finishes what is in flight and settles it. `cutOff` ends the waiting: what still hangs becomes
   * uncertain.
   */
  async stop(cutOff: AbortSignal): Promise<void> {
    const lanes = [...this.lanes.values()];
    const cut = (): void => lanes.forEach((lane) => lane.cutOff());
    if (cutOff.aborted) cut();
    cutOff.addEventListener('abort', cut, { once: true });
    try {
      await Promise.all(lanes.map((lane) => lane.stop()));
    } finally {
      cutOff.removeEventListener('abort', cut);
    }
  }
}
