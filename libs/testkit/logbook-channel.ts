import { createHmac } from 'node:crypto';
import { appendFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type {
  CarrierFact,
  Channel,
  OutgoingMessage,
  SendOutcome,
  Verdict,
  WebhookRequest,
} from '#channels/channel';
import { requireCredentials, type ChannelFactory } from '#channels/registry';
import { jsonObject, textValue, unknownFact } from '#channels/webhook';
import type { Environment } from '#config/environment';
import { secretsEqual } from '#kernel/ids';

/** The carrier's block in the environment: `baseUrl` is the file, `secret` signs what the clerk reports. */
export interface LogbookConfig {
  readonly baseUrl: string;
  readonly secret: string;
}

const STATUSES = new Map([
  ['called', 'delivered'],
  ['no answer', 'undelivered'],
] as const);

/** A carrier that writes each message into a file, from which a clerk telephones people and reports back. */
export class Logbook implements Channel {
  readonly kind = 'logbook';
  readonly sender = 'logbook';
  readonly redact: readonly string[];
  readonly limits = {
    channel: 'sms',
    addressing: 'phone',
    twoWay: false,
    maxTextLength: 500,
    keyboard: false,
    receipts: true,
    concurrency: 1,
    timeoutMs: 1000,
  } as const;

  constructor(private readonly config: LogbookConfig) {
    requireCredentials('logbook', { LOGBOOK_SECRET: config.secret });
    this.redact = [config.secret];
  }

  async send({ id, address, text }: OutgoingMessage, signal: AbortSignal): Promise<SendOutcome> {
    if (signal.aborted) return { outcome: 'deferred', detail: 'stopped before the line was written' };
    try {
      await appendFile(fileURLToPath(this.config.baseUrl), `${JSON.stringify({ id, address, text })}\n`);
      return { outcome: 'accepted', externalId: `line-${id}` };
    } catch (thrown) {
      return this.failed((thrown as NodeJS.ErrnoException).code ?? 'unknown');
    }
  }

  verify({ headers, body }: WebhookRequest): Verdict {
    const expected = createHmac('sha256', this.config.secret).update(body).digest('hex');
    return secretsEqual(headers['x-logbook-signature'] ?? '', expected)
      ? { genuine: true }
      : { genuine: false, why: 'X-Logbook-Signature is missing or does not match' };
  }

  parse(request: WebhookRequest): CarrierFact[] {
    const call = jsonObject(request.body.toString('utf8'));
    const externalId = textValue(call, 'line');
    const word = textValue(call, 'result') as 'called' | 'no answer' | undefined;
    const status = word && STATUSES.get(word);
    if (!externalId || externalId.length > 100 || !status) return [unknownFact(request, 'unknown result')];
    return [{ kind: 'receipt', dedupeKey: `${externalId}:${status}`, externalId, status, detail: {} }];
  }

  acknowledge() {
    return { status: 204, contentType: 'text/plain', body: '' };
  }

  async probe() {
    return { ok: true, detail: 'the logbook needs no account' };
  }

  /** A file that cannot be opened took nothing; a write that broke off may have left a line. */
  private failed(code: string): SendOutcome {
    const opened = !['ENOENT', 'EACCES', 'EISDIR', 'ENOTDIR', 'EROFS'].includes(code);
    const detail = `the logbook cannot be written (${code})`;
    return opened ? { outcome: 'uncertain', detail } : { outcome: 'rejected', scope: 'sender', detail };
  }
}

export const logbook: ChannelFactory = {
  kind: 'logbook',
  create: (environment) => {
    const block = (environment as Environment & { logbook?: LogbookConfig }).logbook;
    return block ? [new Logbook(block)] : [];
  },
};
