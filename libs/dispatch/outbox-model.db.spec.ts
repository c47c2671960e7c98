import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { SendOutcome } from '#channels/channel';
import { SteppedClock } from '#kernel/clock';
import { testDatabase, type TestDatabase } from '#testkit/database';
import { NOON, OutboxBuilder } from '#testkit/outbox';
import { ScriptedChannel } from '#testkit/scripted-channel';
import { messageClaimDue, NO_TURN, type ClaimedMessage } from './claim.sql.js';
import { Composer } from './composer.js';
import { Definitions } from './definitions.js';
import { FollowUps } from './follow-up.js';
import { messageSettle } from './settle.sql.js';
import { settlementOf, type AttemptEnd, type Settlement } from './settlement.policy.js';
import { isTerminal, TRANSITIONS, type MessageState } from './transitions.js';
import { Uncertainties } from './uncertain.js';
import { Upkeep } from './upkeep.js';

/** What the carrier does with a request, and what we hear of it. */
const FATES = ['accepts', 'accepts, answer lost', 'request lost', 'defers', 'rejects', 'refuses'] as const;
type Fate = (typeof FATES)[number];
const WORKERS = 2;
const LEASE_MS = 60_000;

let t: TestDatabase;
beforeAll(async () => {
  t = await testDatabase();
});
afterAll(() => t.drop());

/** The outbox in PostgreSQL, workers that hold what they claimed and what they have to settle, and a carrier. */
class World {
  readonly clock = new SteppedClock(NOON);
  readonly inHand = Array.from({ length: WORKERS }, (): { row: ClaimedMessage; sendBy: Date }[] => []);
  readonly toSettle = Array.from({ length: WORKERS }, (): Settlement[] => []);
  /** How often the carrier took each message. */
  readonly taken = new Map<string, number>();
  readonly trail: string[] = [];
  private readonly channel = new ScriptedChannel('sms-a');
  private states = new Map<string, MessageState>();

  private constructor(private readonly outbox: OutboxBuilder) {
    this.channel.lookup = ({ id }) =>
      Promise.resolve(this.taken.has(id) ? { outcome: 'accepted', externalId: `sid-${id}` } : 'not_found');
  }

  static async open(messages: number): Promise<World> {
    const outbox = await OutboxBuilder.open(t.db, {
      onUncertain: 'resend',
      reminder: { after: 'P1D', max: 1 },
    });
    await outbox.queue(messages, { channels: ['sms', 'viber'], closesAt: null, notAfter: new Date('2027-01-01'), expiresAt: new Date('2027-01-01') }); // prettier-ignore
    const world = new World(outbox);
    await world.check('opening');
    return world;
  }

  async claim(worker: number): Promise<void> {
    const now = this.clock.now();
    const leasedUntil = new Date(this.clock.real().getTime() + LEASE_MS);
    const claimed: ClaimedMessage[] = [];
    for (const sender of ['sms-a', 'viber-a']) {
      const request = { sender, worker: `w${worker}`, now, leasedUntil, limit: 2, turn: NO_TURN };
      claimed.push(...(await messageClaimDue(t.db, request)).claimed);
    }
    const sendBy = new Date(leasedUntil.getTime() - LEASE_MS / 4);
    this.inHand[worker]?.push(...claimed.map((row) => ({ row, sendBy })));
  }

  /** As a lane does: what waited too long for its turn is given back unsent. */
  send(worker: number, fate: Fate): void {
    const held = this.inHand[worker]?.shift();
    if (!held) return;
    const { row, sendBy } = held;
    const end: AttemptEnd = this.clock.real() > sendBy ? { outcome: 'given_back' } : this.meet(row.id, fate);
    this.toSettle[worker]?.push(settlementOf(row, end, this.clock));
  }

  /** Changes exactly the messages that this worker still holds under the same attempt. */
  async settle(worker: number): Promise<void> {
    const batch = this.toSettle[worker]?.splice(0) ?? [];
    if (batch.length === 0) return;
    const { rows } = await t.db.query<{ id: string; attempt: number }>(
      `select id, attempt from message where state = 'sending' and claimed_by = $1`,
      [`w${worker}`],
    );
    const ours = batch.filter((one) =>
      rows.some(({ id, attempt }) => id === one.id && attempt === one.attempt),
    );
    const settled = await messageSettle(t.db, batch, this.clock.now());
    expect([...settled].sort()).toEqual(ours.map(({ id }) => id).sort());
  }

  crash(worker: number): void {
    this.inHand[worker]?.splice(0);
    this.toSettle[worker]?.splice(0);
  }

  /** As replies do: only forward, and only what the carrier really has. */
  async receipt(which: number, delivered: boolean): Promise<void> {
    const id = [...this.taken.keys()][which % Math.max(1, this.taken.size)];
    if (id === undefined) return;
    await t.db.query(
      `update message set state = $2, settled_at = $3, accepted_at = coalesce(accepted_at, $3),
         follow_up_at = case $2 when 'failed' then $3::timestamptz else follow_up_at end
       where id = $1 and state in ('accepted', 'uncertain')`,
      [id, delivered ? 'delivered' : 'failed', this.clock.now()],
    );
  }

  async upkeep(): Promise<void> {
    const definitions = new Definitions(t.db);
    const composer = new Composer(definitions, this.outbox.vault, this.clock, 'https://opyt.example');
    const channels = new Map([
      ['sms-a', this.channel],
      ['viber-a', this.channel],
    ]);
    const uncertainties = new Uncertainties(t.db, this.clock, channels, definitions, composer);
    await new Upkeep(t.db, this.clock, definitions).runOnce(this.clock.now());
    await uncertainties.runOnce(this.clock.now(), new AbortController().signal);
    await new FollowUps(t.db, definitions).runOnce(this.clock.now());
  }

  /** Workers that never fail again and a carrier that takes everything: whatever can end, ends. */
  async drain(): Promise<void> {
    for (let round = 0; round < 12; round++) {
      for (let worker = 0; worker < WORKERS; worker++) {
        await this.claim(worker);
        await this.check('claiming the rest');
        while (this.inHand[worker]?.length) this.send(worker, 'accepts');
        await this.settle(worker);
        await this.check('settling the rest');
      }
      await this.upkeep();
      this.clock.advance(16 * 60_000);
      await this.check('the last upkeep');
    }
  }

  /** Every step a message made is a way of the table, and the carrier has each at most once. */
  async check(step: string): Promise<void> {
    this.trail.push(step);
    const { rows } = await t.db.query<{ id: string; state: MessageState }>('select id, state from message');
    for (const { id, state } of rows) {
      const before = this.states.get(id);
      if (before !== undefined && before !== state) {
        expect({ step, id, way: ways(before).has(state) ? 'known' : `${before} to ${state}` }).toEqual({ step, id, way: 'known' }); // prettier-ignore
        expect(isTerminal(before)).toBe(false);
      }
      this.states.set(id, state);
    }
    for (const [id, times] of this.taken) expect({ id, times }).toEqual({ id, times: 1 });
  }

  count(...states: MessageState[]): number {
    return [...this.states.values()].filter((state) => states.includes(state)).length;
  }

  private meet(id: string, fate: Fate): AttemptEnd {
    const take = (): void => void this.taken.set(id, (this.taken.get(id) ?? 0) + 1);
    const answers: Record<Fate, () => SendOutcome> = {
      accepts: () => (take(), { outcome: 'accepted', externalId: `sid-${id}` }),
      'accepts, answer lost': () => (take(), { outcome: 'uncertain', detail: 'no answer' }),
      'request lost': () => ({ outcome: 'uncertain', detail: 'no answer' }),
      defers: () => ({ outcome: 'deferred', detail: 'busy' }),
      rejects: () => ({ outcome: 'rejected', scope: 'recipient', detail: 'bad number' }),
      refuses: () => ({ outcome: 'blocked', why: 'opted_out', detail: 'STOP' }),
    };
    return answers[fate]();
  }
}

/** One command may take a message over several ways: a claim after a deferral is two. */
function ways(from: MessageState): Set<MessageState> {
  const direct = TRANSITIONS.filter((way) => way.from === from).map(({ to }) => to);
  // A receipt for a message in doubt passes through accepted within its one statement.
  return new Set([...direct, ...(from === 'uncertain' ? (['delivered'] as const) : [])]);
}

interface Step {
  readonly name: string;
  readonly run: (world: World) => Promise<void> | void;
}

const worker = fc.nat(WORKERS - 1);
const steps: { weight: number; arbitrary: fc.Arbitrary<Step> }[] = [
  { weight: 4, arbitrary: worker.map((w) => ({ name: `w${w} claims`, run: (world) => world.claim(w) })) },
  {
    weight: 6,
    arbitrary: fc.tuple(worker, fc.constantFrom(...FATES)).map(([w, fate]) => ({
      name: `w${w} sends, the carrier ${fate}`,
      run: (world) => world.send(w, fate),
    })),
  },
  { weight: 4, arbitrary: worker.map((w) => ({ name: `w${w} settles`, run: (world) => world.settle(w) })) },
  { weight: 1, arbitrary: worker.map((w) => ({ name: `w${w} dies`, run: (world) => world.crash(w) })) },
  {
    weight: 2,
    arbitrary: fc.tuple(fc.nat(9), fc.boolean()).map(([which, delivered]) => ({
      name: `receipt ${which} ${delivered ? 'delivered' : 'failed'}`,
      run: (world) => world.receipt(which, delivered),
    })),
  },
  { weight: 2, arbitrary: fc.constant({ name: 'upkeep', run: (world: World) => world.upkeep() }) },
  {
    weight: 2,
    arbitrary: fc.constantFrom(10, 70, 150, 900).map((s) => ({
      name: `${s} s pass`,
      run: (world) => world.clock.advance(s * 1000),
    })),
  },
];

test('whatever happens in whatever order, nothing is sent twice, nothing goes backwards, nothing is lost', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.oneof(...steps), { minLength: 10, maxLength: 60 }), async (chosen) => {
      const world = await World.open(3);
      for (const { name, run } of chosen) {
        await run(world);
        await world.check(name);
      }
      await world.drain();
      expect(world.count('queued', 'sending', 'uncertain', 'abandoned')).toBe(0);
    }),
    { numRuns: 30, interruptAfterTimeLimit: 40_000 },
  );
}, 90_000);
