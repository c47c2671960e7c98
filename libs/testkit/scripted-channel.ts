import type {
  CarrierFact,
  Channel,
  ChannelLimits,
  OutgoingMessage,
  ProbeResult,
  SendOutcome,
  Verdict,
  WebhookReply,
} from '#channels/channel';

export type Script = (message: OutgoingMessage, signal: AbortSignal) => SendOutcome | Promise<SendOutcome>;

/**
 * A carrier that does what a test tells it. `script` answers every send, by default with acceptance; sends are
 * recorded. `hold()` keeps the answers back until the returned function is called.
 */
export class ScriptedChannel implements Channel {
  readonly kind = 'scripted';
  readonly redact: readonly string[] = [];
  readonly limits: ChannelLimits;
  readonly sent: OutgoingMessage[] = [];
  mostInFlight = 0;
  script: Script = (message) => ({
    outcome: 'accepted',
    externalId: `ext-${message.id}-${message.attempt}`,
    parts: 1,
  });
  health: ProbeResult = { ok: true, detail: 'scripted' };
  lookup?: NonNullable<Channel['lookup']>;
  private inFlight = 0;
  private gate: Promise<void> | undefined;

  constructor(
    readonly sender: string,
    limits: Partial<ChannelLimits> = {},
  ) {
    this.limits = {
      channel: 'sms',
      addressing: 'phone',
      twoWay: true,
      maxTextLength: 1600,
      keyboard: false,
      receipts: true,
      concurrency: 64,
      timeoutMs: 5_000,
      ...limits,
    };
  }

  /** Every send from now on waits for the returned function. */
  hold(): () => void {
    let open = (): void => undefined;
    this.gate = new Promise((resolve) => (open = resolve));
    return () => {
      this.gate = undefined;
      open();
    };
  }

  async send(message: OutgoingMessage, signal: AbortSignal): Promise<SendOutcome> {
    this.sent.push(message);
    this.mostInFlight = Math.max(this.mostInFlight, ++this.inFlight);
    try {
      const outcome = this.script(message, signal);
      const aborted = new Promise<SendOutcome>((resolve) => {
        const end = (): void => resolve({ outcome: 'uncertain', detail: 'stopped' });
        if (signal.aborted) end();
        else if (this.gate) signal.addEventListener('abort', end, { once: true });
      });
      return await (this.gate ? Promise.race([this.gate.then(() => outcome), aborted]) : outcome);
    } finally {
      this.inFlight--;
    }
  }

  verify(): Verdict {
    return { genuine: true };
  }

  parse(): CarrierFact[] {
    return [];
  }

  acknowledge(): WebhookReply {
    return { status: 200, contentType: 'text/plain', body: '' };
  }

  probe(): Promise<ProbeResult> {
    return Promise.resolve(this.health);
  }
}
