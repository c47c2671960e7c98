import { expect } from '@jest/globals';
import type { SendOutcome } from '#channels/channel';
import { suppress } from '#contacts/suppression.sql';
import { SteppedClock } from '#kernel/clock';
import { toLocal } from '#kernel/zone';
import { AnswerBook } from '#replies/answer-book';
import { FactApplier } from '#replies/fact-applier';
import { recordFacts } from '#replies/record';
import { SurveyShelf } from '#replies/survey-shelf';
import type { Database } from '#store/database';
import { NOON, OutboxBuilder } from '#testkit/outbox';
import { ScriptedChannel } from '#testkit/scripted-channel';
import { messageClaimDue, NO_TURN, type ClaimedMessage } from '../claim.sql.js';
import { Composer } from '../composer.js';
import { Definitions } from '../definitions.js';
import { decideDoubt } from '../doubt.js';
import { firstLook } from '../follow-up.policy.js';
import { FollowUps } from '../follow-up.js';
import { messageSettle } from '../settle.sql.js';
import { settlementOf, type AttemptEnd, type Settlement } from '../settlement.policy.js';
import { isTerminal, TRANSITIONS, type MessageState } from '../transitions.js';
import { Uncertainties } from '../uncertain.js';
import { Upkeep } from '../upkeep.js';

/** What the carrier does with a request, and what we hear of it. */
export const FATES = [
  'accepts',
  'accepts, answer lost',
  'request lost',
  'defers',
  'rejects',
  'refuses',
] as const;
export type Fate = (typeof FATES)[number];
export const WORKERS = 2;
/** A doubt is looked at each minute for an hour before it is given up, and each course may have several, one after the other. */
const DRAIN_ROUNDS = 300;
const LEASE_MS = 60_000;
const FALLBACK_AFTER_MS = 2 * 3_600_000;
const YEAR_END = new Date('2027-01-01');

/** What a carrier tells of a message in its course; whether it arrives is settled when the carrier takes it. */
const COURSES = { arrives: ['sent', 'delivered', 'seen'], fails: ['sent', 'undelivered'] } as const;

/** One try of a message that the carrier took; each has an id of its own. */
interface Taken {
  readonly message: string;
  readonly sid: string;
  readonly sender: string;
  readonly at: Date;
  readonly arrives: boolean;
  /** A receipt of its arrival is stored with us. */
  told: boolean;
}

interface Row {
  readonly id: string;
  readonly state: MessageState;
  readonly attempt: number;
}

/**
 * The outbox in PostgreSQL with everything that moves it: workers that hold what they claimed and what they have to
 * settle, carriers that know what they took, people who say no or answer, receipts by the very way of the gateway. Each
 * step is followed by `check`, which holds what was promised against the carriers' own count.
 */
export class OutboxWorld {
  readonly clock = new SteppedClock(NOON);
  private readonly inHand = Array.from(
    { length: WORKERS },
    (): { row: ClaimedMessage; sender: string; sendBy: Date }[] => [],
  );
  private readonly toSettle = Array.from({ length: WORKERS }, (): Settlement[] => []);
  private readonly taken: Taken[] = [];
  /** How often an operator had sent again what the carrier had. */
  private readonly sentAgain = new Map<string, number>();
  /** What an operator gave up though the carrier never had it. */
  private readonly givenUp = new Set<string>();
  private readonly stopped = new Set<string>();
  private readonly answered = new Set<string>();
  private readonly states = new Map<string, Row>();
  private readonly definitions: Definitions;
  private readonly applier: FactApplier;
  private receipts = 0;

  private constructor(
    private readonly db: Database,
    private readonly outbox: OutboxBuilder,
    /** Whether the campaign sends again what its carrier does not know. */
    private readonly resends: boolean,
  ) {
    this.definitions = new Definitions(db);
    const book = new AnswerBook(db, outbox.vault, new SurveyShelf());
    this.applier = new FactApplier(db, outbox.vault, book, this.clock);
  } // prettier-ignore

  /** People with an SMS only, and people who are asked in Viber first. */
  static async open(db: Database, onUncertain: 'resend' | 'abandon'): Promise<OutboxWorld> {
    const outbox = await OutboxBuilder.open(db, { onUncertain, reminder: { after: 'P1D', max: 1 } });
    const life = { notAfter: YEAR_END, expiresAt: YEAR_END };
    await outbox.queue(2, { ...life, channels: ['sms'] });
    await outbox.queue(2, { ...life, channel: 'viber', channels: ['viber', 'sms'] });
    const world = new OutboxWorld(db, outbox, onUncertain === 'resend');
    await world.check('opening');
    return world;
  }

  /** Never outside the window, never to somebody who refused, nor a reminder to somebody who answered. */
  async claim(worker: number): Promise<void> {
    const now = this.clock.now();
    const leasedUntil = new Date(this.clock.real().getTime() + LEASE_MS);
    const sendBy = new Date(leasedUntil.getTime() - LEASE_MS / 4);
    for (const sender of ['sms-a', 'viber-a']) {
      const request = { sender, worker: `w${worker}`, now, leasedUntil, limit: 2, turn: NO_TURN };
      const { claimed } = await messageClaimDue(this.db, request);
      for (const row of claimed) await this.mayBeSent(row, now);
      this.inHand[worker]?.push(...claimed.map((row) => ({ row, sender, sendBy })));
    }
  }

  /** As a lane does: what waited too long for its turn is given back unsent. */
  async send(worker: number, fate: Fate, arrives: boolean): Promise<void> {
    const held = this.inHand[worker]?.shift();
    if (!held) return;
    const { row, sender, sendBy } = held;
    const late = this.clock.real() > sendBy;
    const end: AttemptEnd = late ? { outcome: 'given_back' } : this.meet(row, sender, fate, arrives);
    await this.definitions.load([row.campaignId]);
    const rules = this.definitions.campaign(row.campaignId);
    const look = end.outcome === 'accepted' ? firstLook(row, rules, this.clock.now()) : null;
    this.toSettle[worker]?.push(settlementOf(row, end, this.clock, look));
  }

  /** Changes exactly the messages that this worker still holds under the same attempt. */
  async settle(worker: number): Promise<void> {
    const batch = this.toSettle[worker]?.splice(0) ?? [];
    if (batch.length === 0) return;
    const { rows } = await this.db.query<{ id: string; attempt: number }>(
      `select id, attempt from message where state = 'sending' and claimed_by = $1`,
      [`w${worker}`],
    );
    const isOurs = (one: Settlement): boolean =>
      rows.some(({ id, attempt }) => id === one.id && attempt === one.attempt);
    const settled = await messageSettle(this.db, batch, this.clock.now());
    expect([...settled].sort()).toEqual(batch.filter(isOurs).map(({ id }) => id).sort());
  } // prettier-ignore

  crash(worker: number): void {
    this.inHand[worker]?.splice(0);
    this.toSettle[worker]?.splice(0);
  }

  /** One receipt of what the carrier really has, in any order, perhaps again; `applied` or left by a gateway that died. */
  async receipt(which: number, step: number, applied: boolean): Promise<void> {
    const taken = this.taken[which % Math.max(1, this.taken.length)];
    if (taken === undefined) return;
    const course = taken.arrives ? COURSES.arrives : COURSES.fails;
    const status = course[step % course.length] ?? 'sent';
    const dedupeKey = `${taken.sid} ${status} ${++this.receipts % 2}`;
    const fact = {
      kind: 'receipt',
      dedupeKey,
      externalId: taken.sid,
      messageId: taken.message,
      status,
      detail: {},
    } as const;
    const source = { sender: taken.sender, addressing: 'phone' } as const;
    const stored = await recordFacts(this.db, this.outbox.vault, source, [fact], this.clock.now());
    taken.told ||= status === 'delivered' || status === 'seen';
    if (applied) await this.applier.apply([...stored.values()]);
  }

  /** The person refuses everything from now on. */
  async stop(which: number): Promise<void> {
    const { rows } = await this.db.query<{ id: string; hash: Buffer }>('select id, phone_hash as hash from contact order by id');
    const person = rows[which % rows.length];
    if (!person) return;
    await suppress(this.db, { addressHash: person.hash, channel: null, reason: 'stop', via: 'page', now: this.clock.now() });
    this.stopped.add(person.id);
  } // prettier-ignore

  /** The person answers on the page, whichever way they came. */
  async answer(which: number): Promise<void> {
    const { rows } = await this.db.query<{ id: string }>('select id from invitation where sent_at is not null order by id');
    const invitation = rows[which % Math.max(1, rows.length)]?.id;
    if (invitation === undefined) return;
    await this.db.query('update invitation set started_at = coalesce(started_at, $2), completed_at = coalesce(completed_at, $2) where id = $1', [invitation, this.clock.now()]);
    this.answered.add(invitation);
  } // prettier-ignore

  /**
   * An operator who looked into the carrier's console and is `right`, or who did not: what is sent twice or lost by that is the
   * operator's doing, and nothing more than that is.
   */
  async decide(which: number, right: boolean): Promise<void> {
    const { rows } = await this.db.query<{ id: string; attempt: number; notAfter: Date }>(
      `select id, attempt, not_after as "notAfter" from message where state = 'uncertain' order by id`,
    );
    const message = rows[which % Math.max(1, rows.length)];
    if (!message) return;
    const theyHaveIt = this.takenOf(message.id).length > 0;
    const action = theyHaveIt === right ? 'abandon' : 'resend';
    if (!right && theyHaveIt) this.sentAgain.set(message.id, (this.sentAgain.get(message.id) ?? 0) + 1);
    if (!right && !theyHaveIt) this.givenUp.add(message.id);
    await this.db.transaction((tx) => decideDoubt(tx, message, action, this.clock.now()));
  }

  /** Whatever the tickers do beside sending. */
  async upkeep(): Promise<void> {
    const { db, clock, definitions } = this;
    const composer = new Composer(definitions, this.outbox.vault, clock, 'https://opyt.example');
    const channels = new Map(['sms-a', 'viber-a'].map((sender) => [sender, this.channel(sender)]));
    await this.applier.applyPending();
    await new Upkeep(db, clock, definitions).runOnce(clock.now());
    await new Uncertainties(db, clock, channels, definitions, composer).runOnce(clock.now(), new AbortController().signal);
    await new FollowUps(db, definitions).runOnce(clock.now());
  } // prettier-ignore

  /** Workers that never fail again and a carrier that takes everything: whatever can end, ends. */
  async drain(): Promise<void> {
    for (let round = 0; round < DRAIN_ROUNDS; round++) {
      const next = await this.nextMoment();
      if (!next) break;
      if (next > this.clock.now()) this.clock.set(next);
      for (let worker = 0; worker < WORKERS; worker++) {
        await this.claim(worker);
        await this.check('claiming the rest');
        while (this.inHand[worker]?.length) await this.send(worker, 'accepts', true);
        await this.settle(worker);
        await this.check('settling the rest');
      }
      await this.upkeep();
      await this.check('the last upkeep');
      this.clock.advance(61_000);
    }
    await this.judge();
  }

  /** Every step a message made is a way of the table, and the carriers have each at most once, unless an operator was wrong. */
  async check(step: string): Promise<void> {
    const { rows } = await this.db.query<Row>('select id, state, attempt from message');
    for (const row of rows) {
      const before = this.states.get(row.id);
      this.states.set(row.id, row);
      if (!before) continue;
      expect({ step, id: row.id, attempt: row.attempt >= before.attempt }).toEqual({ step, id: row.id, attempt: true });
      if (before.state === row.state) continue;
      const way = ways(before.state).has(row.state) ? 'known' : `${before.state} to ${row.state}`;
      expect({ step, id: row.id, way, ended: isTerminal(before.state) }).toEqual({ step, id: row.id, way: 'known', ended: false });
    }
    for (const id of new Set(this.taken.map(({ message }) => message))) {
      const twice = this.takenOf(id).length > 1 + (this.sentAgain.get(id) ?? 0);
      expect({ step, id, twice }).toEqual({ step, id, twice: false });
    }
    const { rows: miscounted } = await this.db.query(
      `select c.id from claim c where in_flight <> (select count(*) from message m where m.claim_id = c.id and m.state = 'sending')`,
    );
    expect({ step, miscounted }).toEqual({ step, miscounted: [] });
  } // prettier-ignore

  /** When all is done: nothing is lost, nothing denied, nobody nagged, and no receipt was in vain. */
  private async judge(): Promise<void> {
    const inStates = (...states: MessageState[]): string[] =>
      [...this.states.values()].filter(({ state }) => states.includes(state)).map(({ id }) => id);
    expect(inStates('queued', 'sending', 'uncertain')).toEqual([]);
    const theyHaveIt = (id: string): boolean => this.takenOf(id).length > 0;
    if (this.resends)
      expect(inStates('abandoned').filter((id) => !theyHaveIt(id) && !this.givenUp.has(id))).toEqual([]);
    expect(inStates('accepted', 'delivered').filter((id) => !theyHaveIt(id))).toEqual([]);
    expect(inStates('cancelled').filter((id) => theyHaveIt(id) && !this.sentAgain.has(id))).toEqual([]);
    expect(await this.failedByReceipt()).toEqual([]);
    const { rows } = await this.db.query<{
      id: string;
      reminders: number;
      delivered: boolean;
      messages: string[];
    }>(
      `select i.id, i.delivered_at is not null as delivered, array_agg(m.id::text) as messages,
         (count(*) filter (where m.kind = 'reminder' and m.state <> 'cancelled'))::int as reminders
       from invitation i join message m on m.invitation_id = i.id group by i.id`,
    );
    for (const { id, reminders, delivered, messages } of rows) {
      const told = messages.some((one) => this.takenOf(one).some((taken) => taken.told));
      expect({ id, nagged: reminders > 1, delivered }).toEqual({ id, nagged: false, delivered: told });
    }
  }

  /** Messages that a receipt failed though the last try that the carrier took arrives. */
  private async failedByReceipt(): Promise<string[]> {
    const { rows } = await this.db.query<{ id: string }>(
      `select id from message where state = 'failed' and reason like 'carrier\\_%'`,
    );
    return rows.map(({ id }) => id).filter((id) => this.takenOf(id).at(-1)?.arrives);
  }

  private takenOf(message: string): Taken[] {
    return this.taken.filter((one) => one.message === message);
  }

  /** When something is to be done next; undefined when all is done. */
  private async nextMoment(): Promise<Date | undefined> {
    const { rows } = await this.db.query<{ at: Date | null }>(
      `select least(
         (select min(due_at) from message where state = 'queued'), (select min(leased_until) from claim where in_flight > 0),
         (select min(follow_up_at) from message), (select min(received_at) from carrier_fact where applied_at is null)) as at`,
    );
    return rows[0]?.at ?? undefined;
  }

  private async mayBeSent(row: ClaimedMessage, now: Date): Promise<void> {
    const { minute, weekday } = toLocal(now, 'Europe/Kyiv');
    const { rows } = await this.db.query<{ contact: string; invitation: string; before: MessageState | null; acceptedAt: Date | null; reached: boolean }>(
      `select m.contact_id as contact, m.invitation_id as invitation, b.state as before, b.accepted_at as "acceptedAt",
         i.delivered_at is not null as reached
       from message m join invitation i on i.id = m.invitation_id left join message b on b.id = m.fallback_of where m.id = $1`,
      [row.id],
    );
    const [told] = rows;
    if (!told) throw new Error('a claimed message is not there');
    const waited = told.acceptedAt !== null && now.getTime() - told.acceptedAt.getTime() >= FALLBACK_AFTER_MS;
    const inVain = told.before === null || told.before === 'failed' || (told.before === 'accepted' && waited && !told.reached);
    expect({
      id: row.id,
      night: minute < 9 * 60 || minute >= 20 * 60 || weekday === 7,
      refused: this.stopped.has(told.contact),
      answered: this.answered.has(told.invitation),
      fallbackInVain: inVain,
    }).toEqual({ id: row.id, night: false, refused: false, answered: false, fallbackInVain: true });
  } // prettier-ignore

  /** Carriers tell the truth when asked. A bot cannot be asked, and where nothing is sent again nobody needs to be. */
  private channel(sender: string): ScriptedChannel {
    const channel = new ScriptedChannel(sender);
    if (!this.resends && sender === 'viber-a') return channel;
    channel.lookup = ({ id }, since) => {
      const taken = this.takenOf(id).find(({ at }) => at >= since);
      return Promise.resolve(taken ? { outcome: 'accepted', externalId: taken.sid } : 'not_found');
    };
    return channel;
  }

  private meet({ id, attempt }: ClaimedMessage, sender: string, fate: Fate, arrives: boolean): AttemptEnd {
    const sid = `sid-${id}-${attempt}`;
    const at = this.clock.now();
    const take = (): void => void this.taken.push({ message: id, sid, sender, at, arrives, told: false });
    const answers: Record<Fate, () => SendOutcome> = {
      accepts: () => (take(), { outcome: 'accepted', externalId: sid }),
      'accepts, answer lost': () => (take(), { outcome: 'uncertain', detail: 'no answer' }),
      'request lost': () => ({ outcome: 'uncertain', detail: 'no answer' }),
      defers: () => ({ outcome: 'deferred', detail: 'busy' }),
      rejects: () => ({ outcome: 'rejected', scope: 'recipient', detail: 'bad number' }),
      refuses: () => ({ outcome: 'blocked', why: 'opted_out', detail: 'STOP' }),
    };
    return answers[fate]();
  }
}

/** The ways out of a state within one step: a receipt of an arrival passes through accepted within its one statement. */
function ways(from: MessageState): Set<MessageState> {
  const direct = TRANSITIONS.filter((way) => way.from === from).map(({ to }) => to);
  return new Set([...direct, ...(direct.includes('accepted') && from !== 'sending' ? (['delivered'] as const) : [])]);
} // prettier-ignore
