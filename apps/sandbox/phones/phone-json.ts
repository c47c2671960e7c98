import type { Bubble, BubbleStatus, Button, ChannelName, Phone } from './phone.js';

export interface PhoneJson {
  readonly number: string;
  readonly name: string;
  readonly viber: Phone['viber'];
  /** Only once the person has opened the chat: before that nobody but Viber knows it. */
  readonly viberId: string | null;
  /** The person stopped SMS at the carrier. */
  readonly smsStopped: boolean;
  readonly unread: number;
  readonly messages: number;
  readonly lastText: string | null;
  readonly lastAt: string;
}

export interface MessageJson {
  readonly id: string;
  /** As the phone sees it: `in` came from the centre, `out` was written by the person. */
  readonly direction: 'in' | 'out';
  readonly channel: ChannelName;
  readonly carrier: string;
  /** The other side's name or number. */
  readonly sender: string;
  readonly text: string;
  readonly links: readonly string[];
  /** Survey code of the first link that has one. */
  readonly code: string | null;
  readonly keyboard: readonly Button[];
  readonly status: BubbleStatus;
  readonly errorCode: number | null;
  readonly at: string;
  readonly parts: number | null;
  readonly externalId: string | null;
  /** Our own message id, where the status callback carried it. */
  readonly messageId: string | null;
}

export function phoneJson(phone: Phone): PhoneJson {
  return {
    number: phone.number,
    name: phone.name,
    viber: phone.viber,
    viberId: phone.viber === 'none' ? null : phone.viberId,
    smsStopped: phone.stopped.size > 0,
    unread: phone.unread,
    messages: phone.bubbles.length,
    lastText: phone.bubbles.at(-1)?.text ?? null,
    lastAt: phone.lastAt.toISOString(),
  };
}

export function messageJson(bubble: Bubble): MessageJson {
  return {
    id: bubble.id,
    direction: bubble.by === 'centre' ? 'in' : 'out',
    channel: bubble.channel,
    carrier: bubble.carrier,
    sender: bubble.sender,
    text: bubble.text,
    links: bubble.links.map(({ url }) => url),
    code: bubble.links.find(({ code }) => code !== undefined)?.code ?? null,
    keyboard: bubble.buttons,
    status: bubble.status,
    errorCode: bubble.errorCode ?? null,
    at: bubble.at.toISOString(),
    parts: bubble.parts ?? null,
    externalId: bubble.externalId ?? null,
    messageId: bubble.messageId ?? null,
  };
}
