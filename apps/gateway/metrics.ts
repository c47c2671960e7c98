import { Counter, Histogram, Registry, collectDefaultMetrics } from 'prom-client';
import type { DoubtEnded } from '#replies/receipts';

/** What the gateway counts. Labels are senders and outcomes: nothing of a person, nothing unbounded. */
export class GatewayMetrics {
  readonly registry = new Registry();
  readonly forged = this.counter(
    'vidhuk_webhook_forged_total',
    'Webhook calls with a wrong signature',
    'sender',
  );
  readonly facts = this.counter(
    'vidhuk_webhook_facts_total',
    'Facts by whether they were new',
    'sender',
    'fresh',
  );
  readonly unapplied = this.counter('vidhuk_facts_unapplied_total', 'Facts left to the worker', 'why');
  readonly pages = this.counter('vidhuk_survey_pages_total', 'Survey pages by what they showed', 'page');
  readonly answers = this.counter('vidhuk_survey_answers_total', 'Answers given on pages', 'outcome');
  private readonly doubts = this.counter(
    'vidhuk_doubts_ended_total',
    'Doubts about messages, by how they ended',
    'sender',
    'how',
  );
  readonly stored = new Histogram({
    name: 'vidhuk_webhook_store_seconds',
    help: 'Time from a webhook call to its facts being durable',
    buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
    registers: [this.registry],
  });

  constructor() {
    collectDefaultMetrics({ register: this.registry });
  }

  readonly doubtEndedBy = ({ sender, how }: DoubtEnded): void => this.doubts.inc({ sender, how });

  private counter<Label extends string>(name: string, help: string, ...labelNames: Label[]): Counter<Label> {
    return new Counter({ name, help, labelNames, registers: [this.registry] });
  }
}
