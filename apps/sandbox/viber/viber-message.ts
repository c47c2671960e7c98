import { z } from 'zod';
import type { Button } from '../phones/phone.js';

const ACTIONS = ['reply', 'open-url', 'location-picker', 'share-phone', 'none'] as const;

const buttonSchema = z.object({
  Columns: z.number().int().min(1).max(6).default(6),
  Rows: z.number().int().min(1).max(2).default(1),
  ActionType: z.enum(ACTIONS).default('reply'),
  ActionBody: z.string().min(1),
  Text: z.string().default(''),
  Silent: z.boolean().default(false),
});
const keyboardSchema = z.object({
  Type: z.literal('keyboard'),
  Buttons: z.array(buttonSchema).min(1),
});
const messageSchema = z.object({
  receiver: z.string().optional(),
  min_api_version: z.number().int().default(1),
  sender: z.object({ name: z.string().min(1).max(28) }),
  tracking_data: z.string().max(4000).optional(),
  type: z.literal('text'),
  text: z.string().min(1).max(7000),
  keyboard: z.unknown().optional(),
});

export interface ViberMessage {
  readonly receiver: string;
  readonly text: string;
  readonly trackingData?: string;
  readonly buttons: readonly Button[];
  /** What the phone will find wrong with the keyboard: Viber itself accepts it and reports `failed` later. */
  readonly keyboardProblem?: string;
}

export type ViberProblem = { readonly status: 3 | 4; readonly statusMessage: string };

/** Viber's own checks of a send_message body; only text messages, the one type this program sends. */
export function readViberMessage(body: unknown): ViberMessage | ViberProblem {
  const parsed = messageSchema.safeParse(body);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const field = issue?.path.join('.') ?? '';
    const missing = field !== '' && valueAt(body, issue?.path ?? []) === undefined;
    return missing
      ? { status: 4, statusMessage: `missing parameter: ${field}` }
      : { status: 3, statusMessage: `badData: ${field}: ${issue?.message ?? 'not an object'}` };
  }
  const message = parsed.data;
  const keyboard = readKeyboard(message.keyboard);
  if (message.min_api_version < 3 && keyboard.buttons.some(({ action }) => action === 'share-phone')) {
    return {
      status: 3,
      statusMessage: 'keyboard is not valid. [instance value ("share-phone") not found in enum]',
    };
  }
  return {
    receiver: message.receiver ?? '',
    text: message.text,
    ...keyboard,
    ...(message.tracking_data === undefined ? {} : { trackingData: message.tracking_data }),
  };
}

function readKeyboard(keyboard: unknown): { buttons: Button[]; keyboardProblem?: string } {
  if (keyboard === undefined || keyboard === null) return { buttons: [] };
  const parsed = keyboardSchema.safeParse(keyboard);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    return {
      buttons: [],
      keyboardProblem: `keyboard is not valid: ${issue?.path.join('.')}: ${issue?.message}`,
    };
  }
  const rows = parsed.data.Buttons.reduce((sum, { Columns, Rows }) => sum + (Columns * Rows) / 6, 0);
  const buttons = parsed.data.Buttons.map((button) => ({
    label: plain(button.Text) || button.ActionBody,
    reply: button.ActionBody,
    action: button.ActionType === 'location-picker' ? ('none' as const) : button.ActionType,
    columns: button.Columns,
    silent: button.Silent,
  }));
  // developers.viber.com/docs/faq: 12 rows in portrait.
  return rows > 12
    ? { buttons: [], keyboardProblem: 'keyboard is not valid: more than 12 rows' }
    : { buttons };
}

/** A button's Text is basic HTML. */
function plain(text: string): string {
  return text
    .replace(/<br\s*\/?>/gi, ' ')
    .replace(/<[^>]*>/g, '')
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&quot;/g, '"')
    .replace(/&#39;|&apos;/g, "'")
    .replace(/&amp;/g, '&')
    .trim();
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (at, key) =>
      typeof at === 'object' && at !== null ? (at as Record<PropertyKey, unknown>)[key] : undefined,
    value,
  );
}
