import { Agent, request } from 'undici';
import { isLoopback } from '#config/loopback';
import type { Clock } from '#kernel/clock';
import { AppError, reasonOf } from '#kernel/errors';
import type { Agenda } from './agenda.js';
import type { Carrier, Faults } from './faults.js';

export interface WebhookCall {
  readonly carrier: Carrier;
  /** Whom it is about: decides which ordered faults strike it. */
  readonly to: string;
  /** Word for people, such as `delivered` or `inbound`. */
  readonly event: string;
  /** The carrier's id of the message that a receipt is about. */
  readonly about?: string;
  /** With or without #fragment; the fragment is not sent. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export interface WebhookAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

/** What went wrong: could not connect, no answer in time, or an answer of that class. */
export type WebhookTrouble = 'connect' | 'timeout' | '4xx' | '5xx';

export interface Persistence {
  readonly timeoutMs: number;
  /** Real milliseconds before each further try; as many tries as entries. */
  readonly pausesMs: readonly number[];
  readonly on: ReadonlySet<WebhookTrouble>;
}

export interface WebhookProblem {
  readonly at: Date;
  readonly carrier: Carrier;
  readonly event: string;
  readonly door: string;
  readonly problem: string;
}

/** Told of each receipt that our side took. */
export type ReceiptTaken = (carrier: Carrier, about: string, event: string) => void;

const KEPT_PROBLEMS = 100;
const LARGEST_ANSWER = 64 * 1024;

/** Calls our own webhooks, the way carriers do: again when it fails, late, twice or never when so ordered. */
export class Webhooks {
  readonly counts = { sent: 0, answered: 0, failed: 0, dropped: 0, doubled: 0, delayed: 0 };
  readonly problems: WebhookProblem[] = [];
  private readonly agent = new Agent({ connections: 16, keepAliveTimeout: 10_000 });

  constructor(
    private readonly clock: Clock,
    private readonly agenda: Agenda,
    private readonly faults: Faults,
    private readonly taken: ReceiptTaken = () => undefined,
    private readonly patienceMs?: number,
  ) {}

  /** A receipt or event whose answer nobody waits for, with ordered trouble and the carrier's retries. */
  async notify(call: WebhookCall, persistence: Persistence): Promise<void> {
    if (this.faults.later(call.carrier, 'callback_drop', call.to)) {
      this.counts.dropped++;
      return;
    }
    const late = this.faults.later(call.carrier, 'callback_delay', call.to);
    if (late) {
      this.counts.delayed++;
      this.agenda.after(late.latencyMs, async () => void (await this.call(call, persistence)));
      return;
    }
    await this.ask(call, persistence);
  }

  /**
   * An event whose answer is waited for, such as what a person wrote. It may come twice, as from a carrier that missed
   * our answer, but is never lost or late: the person would notice. Resolves to the answer to the first copy.
   */
  async ask(call: WebhookCall, persistence: Persistence): Promise<WebhookAnswer | undefined> {
    const double = this.faults.later(call.carrier, 'callback_double', call.to);
    if (double) this.counts.doubled++;
    const copies = Array.from({ length: double ? 2 : 1 }, () => this.call(call, persistence));
    return (await Promise.all(copies))[0];
  }

  /** Calls once, and plans the further tries if that fails. Resolves to the first try's answer, if it was good. */
  async call(call: WebhookCall, persistence: Persistence): Promise<WebhookAnswer | undefined> {
    const result = await this.post(call, this.patienceMs ?? persistence.timeoutMs);
    if ('answer' in result && result.trouble === undefined) {
      if (call.about !== undefined) this.taken(call.carrier, call.about, call.event);
      return result.answer;
    }
    this.counts.failed++;
    this.report(call, result.problem);
    const [pauseMs, ...rest] = persistence.pausesMs;
    if (pauseMs !== undefined && result.trouble && persistence.on.has(result.trouble)) {
      this.agenda.after(
        pauseMs,
        async () => void (await this.call(call, { ...persistence, pausesMs: rest })),
      );
    }
    return undefined;
  }

  /** Keeps a problem for the people who look at the page. */
  report(call: Pick<WebhookCall, 'carrier' | 'event' | 'url'>, problem: string): void {
    const door = URL.canParse(call.url) ? new URL(call.url).pathname : call.url;
    this.problems.push({ at: this.clock.now(), carrier: call.carrier, event: call.event, door, problem });
    if (this.problems.length > KEPT_PROBLEMS) this.problems.shift();
  }

  reset(): void {
    Object.assign(this.counts, { sent: 0, answered: 0, failed: 0, dropped: 0, doubled: 0, delayed: 0 });
    this.problems.length = 0;
  }

  async close(): Promise<void> {
    await this.agent.destroy();
  }

  private async post(
    call: WebhookCall,
    timeoutMs: number,
  ): Promise<{ answer?: WebhookAnswer; trouble?: WebhookTrouble; problem: string }> {
    requireLoopback(call.url);
    this.counts.sent++;
    try {
      const answer = await this.exchange(call, timeoutMs);
      this.counts.answered++;
      if (answer.status < 400) return { answer, problem: '' };
      return { answer, trouble: answer.status < 500 ? '4xx' : '5xx', problem: `HTTP ${answer.status}` };
    } catch (thrown) {
      const timeout = thrown instanceof Error && /Timeout|Abort/i.test(thrown.name);
      return { trouble: timeout ? 'timeout' : 'connect', problem: reasonOf(thrown) };
    }
  }

  private async exchange(call: WebhookCall, timeoutMs: number): Promise<WebhookAnswer> {
    const response = await request(call.url.replace(/#.*$/s, ''), {
      method: 'POST',
      headers: call.headers,
      body: call.body,
      dispatcher: this.agent,
      signal: AbortSignal.timeout(timeoutMs),
    });
    const body = await response.body.text();
    const contentType = response.headers['content-type'];
    return {
      status: response.statusCode,
      contentType: typeof contentType === 'string' ? contentType : '',
      body: body.slice(0, LARGEST_ANSWER),
    };
  }
}

/** The sandbox invents people and signs as a carrier: it may only ever call this very machine. */
export function requireLoopback(url: string): void {
  if (URL.canParse(url) && /^https?:$/.test(new URL(url).protocol) && isLoopback(url)) return;
  throw new AppError(
    'sandbox_target_refused',
    `The sandbox calls webhooks on this machine only, and ${shown(url)} is not a loopback address. ` +
      'Set VIDHUK_PUBLIC_URL to http://127.0.0.1:PORT or http://localhost:PORT.',
    { exitCode: 2 },
  );
}

function shown(url: string): string {
  return URL.canParse(url) ? new URL(url).origin : 'that';
}
