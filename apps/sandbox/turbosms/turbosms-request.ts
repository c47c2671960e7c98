import { z } from 'zod';
import type { ChannelName } from '../phones/phone.js';

/** Viber Business Messages: 1,000 characters; SMS: ten parts of Cyrillic. */
const LONGEST: Readonly<Record<ChannelName, number>> = { sms: 670, viber: 1000 };

const contentSchema = z.looseObject({
  sender: z.string().default(''),
  text: z.string().default(''),
  ttl: z.number().int().optional(),
});
const requestSchema = z.looseObject({
  recipients: z.array(z.union([z.string(), z.number()])).default([]),
  sequence_id: z.union([z.string(), z.number()]).optional(),
  sms: contentSchema.optional(),
  viber: contentSchema.optional(),
});

export interface TurboSmsRequest {
  /** As given: digits, as a rule without the plus. */
  readonly recipients: readonly string[];
  readonly sequenceId?: string;
  /** Viber first where both are given: TurboSMS then falls back to SMS by itself. */
  readonly channel: ChannelName;
  readonly sender: string;
  readonly text: string;
}

/** TurboSMS' checks of `message/send`; a number is one of its response codes. */
export function readTurboSmsRequest(body: unknown): TurboSmsRequest | number {
  const parsed = requestSchema.safeParse(body);
  if (!parsed.success) return 300;
  const { recipients, sequence_id: sequenceId, sms, viber } = parsed.data;
  const channel: ChannelName = viber ? 'viber' : 'sms';
  const content = viber ?? sms;
  if (!content) return 104;
  if (recipients.length === 0) return 202;
  if (recipients.length > 5000) return 405;
  if (content.sender === '') return 200;
  if (content.text === '') return 201;
  if (content.text.length > LONGEST[channel]) return 413;
  if (viber?.ttl !== undefined && (viber.ttl < 60 || viber.ttl > 86_400)) return 306;
  return {
    recipients: recipients.map(String),
    channel,
    sender: content.sender,
    text: content.text,
    ...(sequenceId === undefined ? {} : { sequenceId: String(sequenceId) }),
  };
}
