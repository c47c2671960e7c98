import TextMessage from 'viber-bot/lib/message/text-message.js';
import type { Keyboard } from '../channel.js';
import { cleanText } from '../webhook.js';

/** https://developers.viber.com/docs/tools/keyboards/: six columns, at most twelve rows in portrait. */
const COLUMNS = 6;
const ROWS_AT_MOST = 12;
/** From this version of the API on a press can stay out of the chat (`Silent`), as our replies are for machines. */
const KEYBOARD_API_VERSION = 6;

export interface MessageParts {
  readonly text: string;
  readonly keyboard?: Keyboard;
  readonly senderName: string;
  /** Comes back with the person's next message. */
  readonly trackingData?: string;
}

/** The body of `send_message` without its receiver, which is also the form of a welcome message. */
export function messageBody(parts: MessageParts): Record<string, unknown> {
  const buttons = parts.keyboard?.buttons ?? [];
  return {
    min_api_version: buttons.length > 0 ? KEYBOARD_API_VERSION : 1,
    sender: { name: parts.senderName },
    ...(parts.trackingData === undefined ? {} : { tracking_data: parts.trackingData }),
    ...new TextMessage(cleanText(parts.text)).toJson(),
    ...(buttons.length > 0 ? { keyboard: viberKeyboard(buttons) } : {}),
  };
}

type Button = Keyboard['buttons'][number];

/** Viber checks keyboards on the phone, after it has accepted the message, so a wrong one must never leave here. */
function viberKeyboard(buttons: readonly Button[]): Record<string, unknown> {
  const widest = [6, 3, 2, 1].find((most) => rowsOf(buttons, most) <= ROWS_AT_MOST) ?? 1;
  return {
    Type: 'keyboard',
    DefaultHeight: false,
    Buttons: buttons.slice(0, COLUMNS * ROWS_AT_MOST).map((button) => ({
      Columns: Math.min(button.width, widest),
      Rows: 1,
      ActionType: 'reply',
      ActionBody: cleanText(button.reply),
      Text: escapeHtml(cleanText(button.label)),
      TextSize: 'regular',
      Silent: true,
    })),
  };
}

/** Rows that buttons no wider than `most` fill, placed from left to right. */
function rowsOf(buttons: readonly Button[], most: number): number {
  let rows = buttons.length > 0 ? 1 : 0;
  let used = 0;
  for (const button of buttons) {
    const width = Math.min(button.width, most);
    if (used + width > COLUMNS) {
      rows++;
      used = 0;
    }
    used += width;
  }
  return rows;
}

/** Viber reads a button's text as HTML. */
function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
