import { setTimeout as pause } from 'node:timers/promises';
import type { Vault } from '#contacts/vault';

/** The sandbox's API and the database, however a test reaches them. */
export interface BotDoors {
  ask<T>(path: string, body?: object, method?: string): Promise<T>;
  rows<R extends Record<string, unknown>>(text: string, values?: readonly unknown[]): Promise<R[]>;
}

const AT_ONCE = 8;
/** The bot's calls come and are applied in their own time, on a busy machine seconds later. */
const LOOKS = 300;
const LOOK_MS = 200;

const LINK = `
  update viber_subscriber set contact_id = c.id, linked_at = subscribed_at, link_source = 'code'
  from contact c where c.phone_hash = $1 and user_id = $2 and subscribed_at is not null returning 1 as done`;

/**
 * These people open the bot and join it, and are known by their number, as if each had come by an earlier survey's link.
 * They must have been imported already. Throws when one of them did not get in.
 */
export async function joinBot(doors: BotDoors, vault: Vault, numbers: readonly string[]): Promise<void> {
  const left = [...numbers];
  const join = async (): Promise<void> => {
    for (let number = left.pop(); number; number = left.pop()) {
      await doors.ask('/api/phones', { number });
      await doors.ask(`/api/phones/${number}/viber`, {});
      await doors.ask(`/api/phones/${number}/viber/subscribe`, {}, 'POST');
      const { phone } = await doors.ask<{ phone: { viberId: string } }>(`/api/phones/${number}/messages`);
      for (let looks = LOOKS; looks > 0; looks--) {
        const linked = await doors.rows(LINK, [vault.phoneHash(number), phone.viberId]);
        if (linked.length > 0) break;
        await pause(LOOK_MS);
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, join));
  const [linked] = await doors.rows<{ n: number }>('select count(*)::int as n from viber_subscriber where contact_id is not null'); // prettier-ignore
  if (linked?.n !== numbers.length)
    throw new Error(`of ${numbers.length} people ${String(linked?.n)} joined the bot`);
}
