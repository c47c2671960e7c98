import type { Phone } from '../phones/phone.js';
import type { Form } from '../signatures.js';
import type { CarrierSurroundings } from '../surroundings.js';
import { connectionOverrides } from './connection-overrides.js';
import { smsParts } from './sms-parts.js';
import { isTwoWay, senderKey, type TwilioCarrier } from './twilio-carrier.js';
import { readTwiml } from './twiml.js';

type Keyword = 'STOP' | 'START' | 'HELP';

/** Twilio's default words; the whole message must be the one word. twilio.com/docs/messaging/tutorials/advanced-opt-out */
const KEYWORDS: Readonly<Record<Keyword, ReadonlySet<string>>> = {
  STOP: new Set(['STOP', 'STOPALL', 'UNSUBSCRIBE', 'CANCEL', 'END', 'QUIT', 'REVOKE', 'OPTOUT']),
  START: new Set(['START', 'UNSTOP', 'YES']),
  HELP: new Set(['HELP', 'INFO']),
};
const OWN_REPLY: Readonly<Record<Keyword, string>> = {
  STOP: 'You have successfully been unsubscribed. You will not receive any more messages from this number. Reply START to resubscribe.',
  START:
    'You have successfully been re-subscribed to messages from this number. Reply HELP for help. Reply STOP to unsubscribe.',
  HELP: 'Reply STOP to unsubscribe. Msg&Data Rates May Apply.',
};

/** The receiving half: what a person texts back to the sender of the last SMS. */
export class TwilioInbound {
  constructor(
    private readonly around: CarrierSurroundings,
    private readonly carrier: TwilioCarrier,
  ) {}

  /** The latest sender that takes answers; undefined when all that wrote are names. */
  replyAddress(phone: Phone): { sender: string; serviceSid: string | null } | undefined {
    const last = phone.bubbles.findLast(
      ({ by, carrier, sender }) => by === 'centre' && carrier === 'twilio' && isTwoWay(sender),
    );
    if (!last) return undefined;
    return {
      sender: last.sender,
      serviceSid: this.carrier.messages.find(last.externalId ?? '')?.serviceSid ?? null,
    };
  }

  /** Posts the text to our inbound webhook and shows whatever that answers. */
  async receive(phone: Phone, text: string): Promise<void> {
    const { accounts, phones, publicUrl, webhooks } = this.around;
    const to = this.replyAddress(phone) ?? { sender: accounts.twilio.serviceNumber, serviceSid: null };
    const sid = this.carrier.sid();
    const bubble = phones.show(phone, {
      by: 'person',
      channel: 'sms',
      carrier: 'twilio',
      sender: to.sender,
      text,
      buttons: [],
      status: 'pending',
      externalId: sid,
      parts: smsParts(text),
    });
    const keyword = this.obey(phone, text, senderKey({ serviceSid: to.serviceSid, from: to.sender }));
    if (keyword && to.serviceSid !== null) this.answer(phone, to.sender, OWN_REPLY[keyword]);
    const url = `${publicUrl() ?? ''}/hooks/twilio/inbound`;
    const form = inboundForm({ sid, from: phone.number, text, ...to, keyword, ...accounts.twilio });
    const call = { carrier: 'twilio' as const, to: phone.number, event: 'inbound', url };
    const answer = await webhooks.ask(
      { ...call, ...this.carrier.signed(url, form) },
      connectionOverrides(url),
    );
    phones.advance(phone, bubble, answer ? 'sent' : 'failed');
    if (!answer) return;
    const twiml = readTwiml(answer.contentType, answer.body);
    if ('warning' in twiml) return webhooks.report(call, `Twilio warning ${twiml.warning}: ${twiml.problem}`);
    // Twilio itself would refuse to text somebody who has just stopped.
    if (keyword === 'STOP') return;
    for (const message of twiml.messages) this.answer(phone, to.sender, message);
  }

  private obey(phone: Phone, text: string, key: string): Keyword | undefined {
    const word = text.trim().toUpperCase();
    const keyword = (Object.keys(KEYWORDS) as Keyword[]).find((name) => KEYWORDS[name].has(word));
    if (keyword === 'STOP') phone.stopped.add(key);
    // YES is a word of consent only for somebody who had stopped; to others it is an answer.
    if (keyword === 'START' && !phone.stopped.delete(key) && word === 'YES') return undefined;
    return keyword;
  }

  private answer(phone: Phone, sender: string, text: string): void {
    const { phones } = this.around;
    const content = { by: 'centre', channel: 'sms', carrier: 'twilio', sender, text, buttons: [] } as const;
    phones.show(phone, { ...content, status: 'delivered', parts: smsParts(text) });
  }
}

function inboundForm(message: {
  sid: string;
  from: string;
  sender: string;
  text: string;
  serviceSid: string | null;
  keyword: Keyword | undefined;
  accountSid: string;
}): Form {
  const country = message.from.startsWith('+380') ? 'UA' : '';
  return [
    ['ToCountry', message.sender.startsWith('+44') ? 'GB' : ''],
    ['ToState', ''],
    ['SmsMessageSid', message.sid],
    ['NumMedia', '0'],
    ['ToCity', ''],
    ['FromZip', ''],
    ['SmsSid', message.sid],
    ['FromState', ''],
    ['SmsStatus', 'received'],
    ['FromCity', ''],
    ['Body', message.text],
    ['FromCountry', country],
    ['To', message.sender],
    ...(message.serviceSid === null ? [] : [['MessagingServiceSid', message.serviceSid] as const]),
    ['ToZip', ''],
    ['NumSegments', String(smsParts(message.text))],
    ...(message.keyword && message.serviceSid !== null ? [['OptOutType', message.keyword] as const] : []),
    ['MessageSid', message.sid],
    ['AccountSid', message.accountSid],
    ['From', message.from],
    ['ApiVersion', '2010-04-01'],
  ];
}
