import { createHmac } from 'node:crypto';
import { secretsEqual } from '#kernel/ids';
import type { Verdict, WebhookRequest } from '../channel.js';
import { BODY_BYTES_AT_MOST, queryParameter } from '../webhook.js';

/**
 * Checks the lower-case hex HMAC-SHA256 of the raw body under the bot's token, in constant time. Viber documents the
 * header; its own library reads `?sig=`, so either is accepted: both prove the token.
 * https://developers.viber.com/docs/api/rest-bot-api/#callbacks
 */
export function verifySignature(request: WebhookRequest, authToken: string): Verdict {
  const given = [request.headers['x-viber-content-signature'], queryParameter(request, 'sig')].filter(
    (signature): signature is string => signature !== undefined && signature !== '',
  );
  if (given.length === 0) return { genuine: false, why: 'no X-Viber-Content-Signature header' };
  if (request.body.length > BODY_BYTES_AT_MOST)
    return { genuine: false, why: 'body larger than Viber sends' };
  const expected = createHmac('sha256', authToken).update(request.body).digest('hex');
  return given.some((signature) => secretsEqual(signature, expected))
    ? { genuine: true }
    : { genuine: false, why: 'X-Viber-Content-Signature does not match' };
}
