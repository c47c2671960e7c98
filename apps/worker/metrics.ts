import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { auditTally } from '#access/audit.sql';
import type { Clock } from '#kernel/clock';
import { within } from '#kernel/deadline';
import type { DispatchObserver } from '#dispatch/lane-parts';
import { DOUBT_ACTIONS, DOUBT_RECORDED, type DoubtEnd, type DoubtObserver } from '#dispatch/doubt';
import { outboxState, type OutboxState } from '#dispatch/outbox-state.sql';
import type { Settlement } from '#dispatch/settlement.policy';
import type { DoubtEnded } from '#replies/receipts';
import type { Queryable } from '#store/database';
import type { RoundObserver } from './rounds.js';

/** A scrape is answered within this real time, with or without what the database knows. */
const PATIENCE_MS = 2_000;

/** What the worker tells Prometheus. Counters are of this process; gauges of the queue are of the whole database. */
export class Metrics implements DispatchObserver, DoubtObserver, RoundObserver {
  readonly registry = new Registry();
  private readonly attempts = this.counter('vidhuk_attempts_total', 'Attempts to send, by outcome', ['sender', 'outcome']); // prettier-ignore
  private readonly claims = this.counter('vidhuk_claimed_total', 'Messages claimed', ['sender']);
  private readonly lateResults = this.counter('vidhuk_late_results_total', 'Results that came after the lease was taken away', ['sender']); // prettier-ignore
  private readonly unstored = this.counter('vidhuk_unstorable_results_total', 'Results that the database took in no form', ['sender']); // prettier-ignore
  private readonly parts = this.counter('vidhuk_parts_total', 'Message parts the carrier told when accepting', ['sender']); // prettier-ignore
  private readonly doubts = this.counter('vidhuk_doubts_ended_total', 'Doubts about messages, by how they ended', ['sender', 'how']); // prettier-ignore
  private readonly rounds = new Histogram({
    name: 'vidhuk_round_seconds',
    help: 'Duration of the rounds of repeated work',
    labelNames: ['round', 'result'],
    buckets: [0.005, 0.02, 0.1, 0.5, 2, 10, 60],
    registers: [this.registry],
  });

  constructor(
    private readonly db: Queryable,
    private readonly clock: Clock,
  ) {
    collectDefaultMetrics({ register: this.registry });
    this.queueGauges();
    this.decisionGauge();
  }

  claimed(sender: string, count: number): void {
    this.claims.inc({ sender }, count);
  }

  settled(sender: string, settlements: readonly Settlement[], late: number): void {
    let parts = 0;
    const byOutcome = new Map<string, number>();
    for (const settlement of settlements) {
      byOutcome.set(settlement.outcome, (byOutcome.get(settlement.outcome) ?? 0) + 1);
      parts += settlement.parts ?? 0;
    }
    for (const [outcome, count] of byOutcome) this.attempts.inc({ sender, outcome }, count);
    if (parts > 0) this.parts.inc({ sender }, parts);
    if (late > 0) this.lateResults.inc({ sender }, late);
  }

  unwritten(sender: string): void {
    this.unstored.inc({ sender });
  }

  doubtEnded(sender: string, how: DoubtEnd | DoubtEnded['how']): void {
    this.doubts.inc({ sender, how });
  }

  readonly doubtEndedBy = ({ sender, how }: DoubtEnded): void => this.doubtEnded(sender, how);

  ended(round: string, result: 'ok' | 'failed', seconds: number): void {
    this.rounds.observe({ round, result }, seconds);
  }

  /** Tells of each lane whether it waits for its carrier to recover. */
  watch(lanes: { readonly senders: readonly string[]; paused(sender: string): boolean }): void {
    new Gauge({
      name: 'vidhuk_lane_paused',
      help: '1 while this worker waits for the carrier to recover after a run of failures',
      labelNames: ['sender'],
      registers: [this.registry],
      collect() {
        for (const sender of lanes.senders) this.set({ sender }, lanes.paused(sender) ? 1 : 0);
      },
    });
  }

  private counter(name: string, help: string, labelNames: string[]): Counter {
    return new Counter({ name, help, labelNames, registers: [this.registry] });
  }

  /** Read once a scrape; a database that does not answer in time leaves them out instead of failing the scrape. */
  private queueGauges(): void {
    const gauge = (name: string, help: string, fill: (gauge: Gauge, state: OutboxState) => void): void => {
      const { read } = this;
      new Gauge({
        name,
        help,
        labelNames: ['sender'],
        registers: [this.registry],
        async collect() {
          this.reset();
          const state = await within(PATIENCE_MS, read());
          if (state) fill(this, state);
        },
      });
    };
    const now = (): number => this.clock.now().getTime();
    gauge('vidhuk_queue_due', 'Messages that are due and wait', (g, { senders }) => {
      for (const { key, due } of senders) g.set({ sender: key }, due);
    });
    gauge(
      'vidhuk_queue_age_seconds',
      'How long the oldest due message waits, civil seconds',
      (g, { senders }) => {
        for (const { key, oldest } of senders)
          g.set({ sender: key }, oldest ? (now() - oldest.getTime()) / 1000 : 0);
      },
    );
    gauge('vidhuk_sender_stopped', '1 while nothing is claimed for the sender', (g, { senders }) => {
      for (const { key, stopped } of senders) g.set({ sender: key }, stopped ? 1 : 0);
    });
    gauge(
      'vidhuk_messages_uncertain',
      'Messages of which nobody knows whether they were sent',
      (g, { senders }) => {
        for (const { key, uncertain } of senders) g.set({ sender: key }, uncertain);
      },
    );
  }

  /** Decisions come from the console and the command line, which nobody scrapes: they are counted in the audit log. */
  private decisionGauge(): void {
    const tally = (): ReturnType<typeof auditTally> =>
      auditTally(this.db, Object.values(DOUBT_RECORDED), 'sender');
    new Gauge({
      name: 'vidhuk_doubts_decided',
      help: 'Doubts about messages that people ended, of all time',
      labelNames: ['sender', 'action'],
      registers: [this.registry],
      async collect() {
        this.reset();
        const rows = await within(PATIENCE_MS, tally().catch(() => undefined)); // prettier-ignore
        for (const { action, value, times } of rows ?? []) {
          const decided = DOUBT_ACTIONS.find((one) => DOUBT_RECORDED[one] === action);
          if (decided && value !== null) this.set({ sender: value, action: decided }, times);
        }
      },
    });
  }

  private reading: Promise<OutboxState | undefined> | undefined;

  /** The gauges of one scrape share one reading. */
  private readonly read = (): Promise<OutboxState | undefined> => {
    this.reading ??= outboxState(this.db, this.clock.now())
      .catch(() => undefined)
      .finally(() => {
        this.reading = undefined;
      });
    return this.reading;
  };
}
