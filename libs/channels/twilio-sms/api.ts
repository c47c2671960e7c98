import {
  MessageListInstance,
  type MessageListInstanceCreateOptions,
  type MessageListInstancePageOptions,
} from 'twilio/lib/rest/api/v2010/account/message.js';
import type { CarrierAnswer, CarrierClient } from '../http.js';

/** A request as the SDK hands it to its HTTP layer. */
interface SdkRequest {
  readonly uri: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly data?: Readonly<Record<string, unknown>>;
  readonly params?: Readonly<Record<string, unknown>>;
}

/** The SDK's base of a resource, of which it uses the three calls given below. */
type Version = Parameters<typeof MessageListInstance>[0];

const API = '/2010-04-01';
/** What the SDK gets instead of an answer: nothing comes of it, so it builds no objects that nobody reads. */
const UNANSWERED = { then: () => UNANSWERED };

/**
 * The SDK's message resource (parameter names, serialisation, addresses) over our own connections. The SDK's usual
 * entry costs 170 ms and 26 MB to load, 14 µs more a message, hides Retry-After and takes no abort signal; its
 * errors hold the credentials. So it makes the requests here, and answers are read by us.
 */
export class TwilioApi {
  private readonly authorization: string;
  private readonly messages: MessageListInstance;
  private written: SdkRequest | undefined;

  constructor(
    private readonly client: CarrierClient,
    private readonly accountSid: string,
    authToken: string,
  ) {
    this.authorization = `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString('base64')}`;
    const write = (request: SdkRequest): typeof UNANSWERED => {
      this.written = request;
      return UNANSWERED;
    };
    const transport = { create: write, page: write, setPromiseCallback: () => UNANSWERED };
    this.messages = MessageListInstance(transport as unknown as Version, accountSid);
  }

  /** POST Messages.json. https://www.twilio.com/docs/messaging/api/message-resource#create-a-message-resource */
  createMessage(params: MessageListInstanceCreateOptions, signal: AbortSignal): Promise<CarrierAnswer> {
    return this.through(signal, (messages) => messages.create(params));
  }

  /** GET Messages.json, one page, the newest first. */
  listMessages(params: MessageListInstancePageOptions, signal: AbortSignal): Promise<CarrierAnswer> {
    return this.through(signal, (messages) => messages.page(params));
  }

  /** GET the account itself. */
  account(signal: AbortSignal): Promise<CarrierAnswer> {
    const headers = { Accept: 'application/json' };
    return this.call({ uri: `/Accounts/${this.accountSid}.json`, method: 'get', headers }, signal);
  }

  /** GET the number of ours with this E.164 form, as a list of one. */
  number(phone: string, signal: AbortSignal): Promise<CarrierAnswer> {
    const headers = { Accept: 'application/json' };
    const params = { PhoneNumber: phone, PageSize: 1 };
    const uri = `/Accounts/${this.accountSid}/IncomingPhoneNumbers.json`;
    return this.call({ uri, method: 'get', headers, params }, signal);
  }

  /** GET a Messaging Service, which lives at an address of its own. */
  service(client: CarrierClient, sid: string, signal: AbortSignal): Promise<CarrierAnswer> {
    const headers = { Accept: 'application/json', Authorization: this.authorization };
    return client.call({ method: 'GET', path: `/v1/Services/${sid}`, headers }, signal);
  }

  /** The SDK hands over its request before it returns. */
  private through(
    signal: AbortSignal,
    ask: (messages: MessageListInstance) => unknown,
  ): Promise<CarrierAnswer> {
    this.written = undefined;
    ask(this.messages);
    const request = this.written as SdkRequest | undefined;
    if (!request) return Promise.resolve({ kind: 'unsent', detail: 'the SDK made no request' });
    return this.call(request, signal);
  }

  private call(request: SdkRequest, signal: AbortSignal): Promise<CarrierAnswer> {
    const query = request.params ? `?${encode(request.params)}` : '';
    return this.client.call(
      {
        method: request.method === 'post' ? 'POST' : 'GET',
        path: `${API}${request.uri}${query}`,
        headers: { ...request.headers, Authorization: this.authorization },
        ...(request.data ? { body: encode(request.data) } : {}),
      },
      signal,
    );
  }
}

/** Form encoding; a list becomes a repeated name, and half a surrogate pair U+FFFD instead of an exception. */
function encode(values: Readonly<Record<string, unknown>>): string {
  const form = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) {
    for (const one of Array.isArray(value) ? (value as unknown[]) : [value]) form.append(name, String(one));
  }
  return form.toString();
}
