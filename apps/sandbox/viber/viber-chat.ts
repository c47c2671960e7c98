import type { Bubble, Button, Phone } from '../phones/phone.js';
import type { CarrierSurroundings } from '../surroundings.js';
import type { ViberCarrier } from './viber-carrier.js';
import { readViberMessage } from './viber-message.js';

/** What a person does in the chat with the bot. */
export class ViberChat {
  constructor(
    private readonly around: CarrierSurroundings,
    private readonly carrier: ViberCarrier,
  ) {}

  /**
   * Opens the chat, through a deep link with a context or from the bot's profile. Not a subscription yet; our
   * webhook's answer may carry one welcome message, which is shown.
   */
  async open(phone: Phone, context: string | undefined): Promise<Bubble | undefined> {
    const subscribed = phone.viber === 'subscribed';
    if (!subscribed) phone.viber = 'opened';
    this.around.phones.changed(phone);
    const answer = await this.carrier.tell(phone, 'conversation_started', {
      message_token: this.carrier.token(),
      type: 'open',
      ...(context === undefined ? {} : { context }),
      user: userOf(phone),
      subscribed,
    });
    return answer && answer.body.trim() !== '' ? this.welcome(phone, answer.body) : undefined;
  }

  /** Writes in the chat; the first message subscribes the person, without a `subscribed` event. */
  async write(phone: Phone, text: string): Promise<void> {
    await this.message(phone, text, { type: 'text', text });
  }

  async press(phone: Phone, button: Button): Promise<void> {
    if (button.action === 'share-phone') {
      const contact = { name: phone.name, phone_number: phone.number.slice(1) };
      return this.message(phone, phone.number, { type: 'contact', contact });
    }
    // The label is shown even for a silent button: whoever watches wants to see what was pressed.
    await this.message(phone, button.label, { type: 'text', text: button.reply }, button.silent);
  }

  /** The person taps "subscribe" in the profile. */
  async subscribe(phone: Phone): Promise<void> {
    phone.viber = 'subscribed';
    this.around.phones.changed(phone);
    await this.carrier.tell(phone, 'subscribed', {
      user: userOf(phone),
      message_token: this.carrier.token(),
    });
  }

  async unsubscribe(phone: Phone): Promise<void> {
    phone.viber = 'unsubscribed';
    this.around.phones.changed(phone);
    await this.carrier.tell(phone, 'unsubscribed', {
      user_id: phone.viberId,
      message_token: this.carrier.token(),
    });
  }

  /** The person looks at the chat: one `seen`, for the last unread message, however many there are. */
  async see(phone: Phone): Promise<void> {
    const unread = phone.bubbles.filter(
      ({ by, carrier, status, externalId }) =>
        by === 'centre' && carrier === 'viber' && status === 'delivered' && externalId !== undefined,
    );
    const last = unread.at(-1);
    if (!last) return;
    for (const bubble of unread) this.around.phones.advance(phone, bubble, 'seen');
    await this.carrier.receipt(phone, 'seen', { message_token: last.externalId, user_id: phone.viberId });
    for (const { externalId = '' } of unread) await this.carrier.release(externalId);
  }

  private async message(
    phone: Phone,
    shown: string,
    message: Record<string, unknown>,
    silent = false,
  ): Promise<void> {
    const { phones } = this.around;
    phone.viber = 'subscribed';
    this.carrier.answered(phone);
    const token = this.carrier.token();
    const last = phone.bubbles.findLast(({ by, carrier }) => by === 'centre' && carrier === 'viber');
    const bubble = phones.show(phone, {
      by: 'person',
      channel: 'viber',
      carrier: 'viber',
      sender: this.around.accounts.viber.name,
      text: shown,
      buttons: [],
      status: 'pending',
      externalId: token,
    });
    const answer = await this.carrier.tell(phone, 'message', {
      message_token: token,
      sender: userOf(phone),
      // Viber returns what the last message to the person carried.
      message: {
        ...message,
        ...(last?.trackingData === undefined ? {} : { tracking_data: last.trackingData }),
      },
      silent,
    });
    phones.advance(phone, bubble, answer ? 'sent' : 'failed');
    // A `delivered` also comes for what the person wrote: nyaruka/courier handlers/viber.
    await this.carrier.receipt(phone, 'delivered', { message_token: token, user_id: phone.viberId });
  }

  private welcome(phone: Phone, body: string): Bubble | undefined {
    const complain = (problem: string): undefined =>
      this.around.webhooks.report(
        { carrier: 'viber', event: 'conversation_started', url: this.carrier.webhook ?? '' },
        problem,
      ) as undefined;
    let parsed: unknown;
    try {
      parsed = JSON.parse(body);
    } catch {
      return complain('the welcome message is no JSON');
    }
    // An empty object or a status note is no welcome, and no fault either.
    if (typeof parsed !== 'object' || parsed === null || !('type' in parsed)) return undefined;
    const message = readViberMessage(parsed);
    if ('status' in message) return complain(`the welcome message is refused: ${message.statusMessage}`);
    if (message.keyboardProblem !== undefined) return complain(message.keyboardProblem);
    return this.carrier.show(phone, message, undefined);
  }
}

function userOf(phone: Phone): Record<string, unknown> {
  return {
    id: phone.viberId,
    name: phone.name,
    language: 'uk-UA',
    country: 'UA',
    api_version: 10,
  };
}
