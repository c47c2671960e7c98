import type { Channel } from '#channels/channel';
import { asError, reasonOf } from '#kernel/errors';
import { measureParts } from '#rendering/parts';
import { HOT_PATH_MS } from '#store/database';
import { approvedWordings } from './approval.sql.js';
import { Breaker } from './breaker.js';
import { NO_TURN, type ClaimedMessage } from './claim.sql.js';
import type { TextRules } from './composer.js';
import { firstLook } from './follow-up.policy.js';
import { InFlightCap } from './in-flight-cap.js';
import { noCounts, type LaneCounts, type LaneParts } from './lane-parts.js';
import { settlementOf, type AttemptEnd, type Settlement } from './settlement.policy.js';
import { Pace } from './pace.js';
import { senderPause } from './sender.sql.js';
import { Settler } from './settler.js';
import { storable } from './storable.policy.js';

/** Real time by which a lease outlives the carrier's time-out: waiting for a free place, and settling. */
const LEASE_MARGIN_MS = 45_000;
/** A message is given back rather than sent when its lease could end before its result is stored, or that is given up. */
const SETTLE_MARGIN_MS = HOT_PATH_MS + 5_000;
/** A claimed message that waited longer is looked at anew: meanwhile the person may have said stop. */
const READY_FOR_MS = 5_000;
const SMALLEST_STEP = 8;
const LARGEST_CLAIM = 500;
/** Results that may wait for the database before no more is claimed. */
const MOST_UNSETTLED = 4_000;

interface Ready {
  readonly row: ClaimedMessage;
  /** Real, in milliseconds. */
  readonly sendBy: number;
}

/**
 * Sends one sender's messages: claims ahead while it sends, keeps up to `concurrency` requests in flight, and settles
 * results in batches while both go on. Nothing here sleeps or polls: a full claim leads to the next one as soon
 * as there is room, anything less waits for the next `wake`.
 */
export class Lane {
  private ready: Ready[] = [];
  private inFlight = 0;
  private claiming: Promise<void> | undefined;
  private moreDue = false;
  private stopping = false;
  private failure: Error | undefined;
  private waiters: (() => void)[] = [];
  private counts: LaneCounts = noCounts();
  private readonly settler: Settler;
  private readonly breaker = new Breaker();
  private readonly pace: Pace;
  private readonly cap: InFlightCap;
  /** The campaign whose turn was last. */
  private turn = NO_TURN;
  /** What the database says of our pause; real, in milliseconds, 0 for none. */
  private pauseTold = 0;
  private textRules: TextRules;
  private readonly abort = new AbortController();
  private readonly concurrency: number;
  /** Messages in hand at most: in flight, and claimed ahead. */
  private readonly capacity: number;
  /** Many small claims would cost the database more than they gain, so one waits for this much room. */
  private readonly step: number;

  constructor(
    private readonly channel: Channel,
    private readonly parts: LaneParts,
  ) {
    this.concurrency = Math.min(parts.concurrency, channel.limits.concurrency);
    // What is in hand when a worker dies becomes uncertain, so little is claimed ahead: enough that places do not stay
    // empty while a claim is under way. Where the carrier cannot be asked what became of it, nothing is.
    this.step = Math.max(SMALLEST_STEP, Math.ceil(this.concurrency / 2));
    this.capacity = this.concurrency + (channel.lookup ? this.step : 0);
    this.textRules = { twoWay: channel.limits.twoWay };
    this.pace = new Pace(parts.database, parts.clock, channel.sender);
    this.cap = new InFlightCap(parts.database, parts.clock);
    const onSettled = (settled: readonly Settlement[], late: number): void => {
      this.counts.late += late;
      for (const { outcome } of settled) this.counts[outcome]++;
      parts.observer?.settled(channel.sender, settled, late);
    };
    this.settler = new Settler(
      parts.database,
      parts.clock,
      channel.sender,
      onSettled,
      () => this.pump(),
      () => parts.observer?.unwritten(channel.sender),
    );
  }

  /**
   * Works off what is due and resolves to counts once nothing is in hand. Rejects when the database does not answer;
   * results already in hand are kept for the next run.
   */
  async runOnce(): Promise<LaneCounts> {
    this.counts = noCounts();
    await this.wake();
    await this.whenIdle();
    await this.settler.flush();
    this.throwFailure();
    return this.counts;
  }

  /** Looks for due messages if there is room. Resolves once they are claimed; they are sent meanwhile. */
  async wake(): Promise<void> {
    if (this.settler.stuck) await this.settler.flush();
    if (this.breaker.wantsProbe(this.realNow())) await this.probe();
    this.claim();
    await this.claiming;
    await this.tellPause();
    this.throwFailure();
  }

  /** Claims no more, gives back what was not begun, waits for what was, and settles it all. */
  async stop(): Promise<void> {
    this.stopping = true;
    await this.claiming;
    this.pump();
    await this.whenIdle();
    await this.settler.flush();
  }

  /** Nothing or little is sent, because the carrier failed many times in a row. */
  get paused(): boolean {
    return this.breaker.tripped;
  }

  /** Makes what is still in flight end soon: as uncertain, or given back where no byte was written. */
  cutOff(): void {
    this.abort.abort();
  }

  /** A pause ends with a harmless call: as long as not even that works, no message is risked. */
  private async probe(): Promise<void> {
    const { ok } = await this.channel.probe(this.abort.signal);
    this.breaker.probed(ok, this.realNow());
  }

  /** Operators see pauses in the sender's row, written when one begins, grows or ends. */
  private async tellPause(): Promise<void> {
    const until = this.breaker.pausedUntilMs;
    if (until === this.pauseTold) return;
    const { clock, database } = this.parts;
    await senderPause(database, this.channel.sender, until === 0 ? null : new Date(until), clock.now());
    this.pauseTold = until;
  }

  private claim(): void {
    if (this.claiming || this.stopping || this.settler.stuck || this.settler.waiting > MOST_UNSETTLED) return;
    const capacity = Math.min(this.capacity, this.breaker.allowance(this.realNow()));
    const room = capacity - this.inFlight - this.ready.length;
    if (room < Math.min(this.step, capacity) || room <= 0) return;
    this.claiming = this.claimDue(Math.min(LARGEST_CLAIM, room))
      .catch((thrown: unknown) => {
        this.failure = asError(thrown);
        this.moreDue = false;
      })
      .finally(() => {
        this.claiming = undefined;
        this.pump();
      });
  }

  private async claimDue(room: number): Promise<void> {
    const limit = await this.pace.allow(room);
    // What the sender's limit leaves over is looked at again by the next wake.
    this.moreDue = limit > 0;
    if (limit === 0) return;
    const { clock, composer, observer, worker } = this.parts;
    const { sender, limits } = this.channel;
    const leasedUntil = new Date(clock.real().getTime() + limits.timeoutMs + LEASE_MARGIN_MS);
    const claim = { sender, worker, now: clock.now(), leasedUntil, limit, turn: this.turn };
    const { claimed: rows, more, turn } = await this.cap.claim(claim);
    this.moreDue = more;
    this.turn = turn;
    if (rows.length === 0) return;
    this.counts.claimed += rows.length;
    observer?.claimed(sender, rows.length);
    const leaseAllows = leasedUntil.getTime() - limits.timeoutMs - SETTLE_MARGIN_MS;
    const sendBy = Math.min(leaseAllows, this.realNow() + READY_FOR_MS);
    // Claimed rows are in hand whatever happens now: should their texts not load, they are given back.
    const claimed = rows.map((row) => ({ row, sendBy }));
    try {
      await composer.prepare(rows);
      await this.learnApprovals();
      this.ready.push(...claimed);
    } catch (thrown) {
      this.giveBack(claimed);
      throw thrown;
    }
  }

  private async learnApprovals(): Promise<void> {
    const { sender, limits } = this.channel;
    if (!limits.approvedTextsOnly) return;
    this.textRules = { twoWay: limits.twoWay, approved: await approvedWordings(this.parts.database, sender) };
  }

  private pump(): void {
    if (this.stopping) this.giveBack(this.ready.splice(0));
    while (this.inFlight < this.concurrency && this.ready.length > 0) this.begin(this.ready.shift() as Ready);
    if (this.moreDue) this.claim();
    if (this.isIdle()) for (const resolve of this.waiters.splice(0)) resolve();
  }

  private begin({ row, sendBy }: Ready): void {
    const closed = row.dropAt <= this.parts.clock.now();
    if (closed || this.realNow() > sendBy) return this.end(row, { outcome: 'given_back' });
    const composed = this.parts.composer.compose(row, this.textRules);
    if ('unwritable' in composed) {
      const { unwritable: detail, ...reason } = composed;
      return this.end(row, { outcome: 'unwritable', detail, ...reason });
    }
    if (this.pace.limited) this.pace.spend(partsOf(this.channel, composed.message.text));
    this.inFlight++;
    const ended = (end: AttemptEnd): void => {
      this.inFlight--;
      this.end(row, end);
      this.pump();
    };
    // By its contract send never throws; where it does all the same, nobody can know what was sent.
    const threw = (thrown: unknown): void =>
      ended(storable({ outcome: 'uncertain', detail: reasonOf(thrown) }));
    this.channel.send(composed.message, this.abort.signal).then((outcome) => ended(storable(outcome)), threw);
  }

  private end(row: ClaimedMessage, end: AttemptEnd): void {
    const { clock, definitions } = this.parts;
    this.breaker.note(end, this.realNow());
    const rules = definitions.campaign(row.campaignId);
    const look = end.outcome === 'accepted' ? firstLook(row, rules, clock.now()) : null;
    const settlement = settlementOf(row, end, clock, look);
    this.settler.add(settlement);
    if (settlement.effect === 'stop_sender' || this.breaker.tripped) this.standBack();
  }

  /** What is in hand would fare no better: it goes back, and nothing is claimed before the next wake. */
  private standBack(): void {
    this.moreDue = false;
    this.giveBack(this.ready.splice(0));
  }

  private realNow(): number {
    return this.parts.clock.real().getTime();
  }

  private giveBack(claimed: readonly Ready[]): void {
    for (const { row } of claimed) this.end(row, { outcome: 'given_back' });
  }

  private isIdle(): boolean {
    const toClaim = this.moreDue && !this.stopping && !this.settler.stuck;
    return !toClaim && !this.claiming && this.inFlight === 0 && this.ready.length === 0;
  }

  private whenIdle(): Promise<void> {
    if (this.isIdle()) return Promise.resolve();
    return new Promise((resolve) => this.waiters.push(resolve));
  }

  private throwFailure(): void {
    const { failure } = this;
    this.failure = undefined;
    if (failure !== undefined) throw failure;
  }
}

/** Only SMS come in parts. */
function partsOf({ limits }: Channel, text: string): number {
  return limits.channel === 'sms' ? measureParts(text).parts : 1;
}
