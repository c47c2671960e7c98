import { AppError } from '#kernel/errors';
import type { TurboSmsCarrier } from '../turbosms/turbosms-carrier.js';
import type { TwilioInbound } from '../twilio/twilio-inbound.js';
import type { ViberChat } from '../viber/viber-chat.js';
import { showNumber } from './number.js';
import type { Bubble, ChannelName, Phone } from './phone.js';
import type { PhoneBook } from './phone-book.js';

/** What a person can do with a virtual phone: the hands of testers and of virtual visitors alike. */
export class Handset {
  constructor(
    private readonly phones: PhoneBook,
    private readonly through: {
      readonly sms: TwilioInbound;
      readonly chat: ViberChat;
      readonly business: TurboSmsCarrier;
    },
  ) {}

  /** Throws AppError `phone_unknown` (404). */
  phone(number: string): Phone {
    const phone = this.phones.find(number);
    if (phone) return phone;
    throw new AppError(
      'phone_unknown',
      `No phone ${showNumber(number)} here: send it a message, or add it.`,
      {
        status: 404,
      },
    );
  }

  /**
   * Writes to the centre, by default in the thread of the latest message. Throws AppError `reply_impossible` (409)
   * when that thread takes no answers.
   */
  async reply(phone: Phone, text: string, channel?: ChannelName): Promise<void> {
    const last = phone.bubbles.at(-1);
    if ((channel ?? last?.channel ?? 'sms') === 'viber') {
      if (phone.viber === 'none') throw impossible('The chat in Viber has not been opened on this phone.');
      return this.through.chat.write(phone, text);
    }
    if (!this.canReplyBySms(phone)) {
      throw impossible('The sender is a name, not a number: an SMS to it goes nowhere.');
    }
    await this.through.sms.receive(phone, text);
  }

  /**
   * Presses a button under a Viber message. Resolves to the address when the button opens one. Throws AppError
   * `button_unknown` (404) when the message has no such button.
   */
  async press(phone: Phone, bubbleId: string, reply: string): Promise<string | undefined> {
    const bubble = phone.bubbles.find(({ id }) => id === bubbleId);
    const button = bubble?.buttons.find((candidate) => candidate.reply === reply);
    if (!button) {
      throw new AppError('button_unknown', `Message ${bubbleId} has no button that replies so.`, {
        status: 404,
      });
    }
    if (button.action === 'open-url') return button.reply;
    if (button.action !== 'none') await this.through.chat.press(phone, button);
    return undefined;
  }

  /** Opens the chat with the bot, with the context of a deep link; resolves to the welcome if one came back. */
  async openViber(phone: Phone, context?: string): Promise<Bubble | undefined> {
    return this.through.chat.open(phone, context);
  }

  async unsubscribeViber(phone: Phone): Promise<void> {
    if (phone.viber === 'none') throw impossible('The chat in Viber has not been opened on this phone.');
    await this.through.chat.unsubscribe(phone);
  }

  async subscribeViber(phone: Phone): Promise<void> {
    await this.through.chat.subscribe(phone);
  }

  /** False when every SMS on the phone came from a name. An empty phone may write first. */
  canReplyBySms(phone: Phone): boolean {
    const written = phone.bubbles.some(({ by, channel }) => by === 'centre' && channel === 'sms');
    return !written || this.through.sms.replyAddress(phone) !== undefined;
  }

  /** Looks at the screen: nothing is unread any more, and Viber says `seen`. */
  async look(phone: Phone): Promise<void> {
    if (phone.unread > 0) {
      phone.unread = 0;
      this.phones.changed(phone);
    }
    await this.through.chat.see(phone);
    await this.through.business.see(phone);
  }
}

function impossible(message: string): AppError {
  return new AppError('reply_impossible', message, { status: 409 });
}
