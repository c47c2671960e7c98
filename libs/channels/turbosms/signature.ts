import { createHash } from 'node:crypto';
import { secretsEqual } from '#kernel/ids';
import type { Verdict, WebhookRequest } from '../channel.js';
import { BODY_BYTES_AT_MOST, jsonObject, type JsonObject } from '../webhook.js';
import { eventIdOf, signatureOf } from './events.js';

/**
 * Checks the `signature` in the body: SHA-1 of the webhook's secret and the event's id. It covers nothing else, so a
 * caught pair could be sent again with other data; facts are therefore keyed by the id alone, and only the first
 * counts. The page names the two parts without their order; both orders prove the secret, so both are accepted.
 * https://turbosms.ua/en/callback.html
 */
export function verifySignature(request: WebhookRequest, secret: string): Verdict {
  if (request.body.length > BODY_BYTES_AT_MOST)
    return { genuine: false, why: 'body larger than TurboSMS sends' };
  const body: JsonObject | undefined = jsonObject(request.body.toString('utf8'));
  const id = eventIdOf(body);
  const signature = signatureOf(body);
  if (id === undefined || !signature) return { genuine: false, why: 'no id or no signature in a JSON body' };
  // Both are compared before either decides, so that the time tells nothing.
  const [asWritten, reversed] = [secret + id, id + secret].map((text) =>
    secretsEqual(createHash('sha1').update(text).digest('hex'), signature),
  );
  return asWritten || reversed ? { genuine: true } : { genuine: false, why: 'signature does not match' };
}
