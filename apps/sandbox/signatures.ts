import { createHash, createHmac } from 'node:crypto';

/** A form as it goes over the wire: names may repeat, order is kept. */
export type Form = readonly (readonly [string, string])[];

/**
 * X-Twilio-Signature of a form post: base64 HMAC-SHA1 over the address and then name and value of every field,
 * sorted by name; of repeated fields each distinct value once, sorted. The address is the configured one without
 * its #fragment. twilio.com/docs/usage/webhooks/webhooks-security
 */
export function twilioSignature(authToken: string, url: string, form: Form): string {
  const values = new Map<string, Set<string>>();
  for (const [name, value] of form) values.set(name, (values.get(name) ?? new Set()).add(value));
  const signed = [...values.keys()]
    .sort()
    .map((name) => [...(values.get(name) ?? [])].sort().map((value) => name + value))
    .flat();
  return createHmac('sha1', authToken)
    .update(url.replace(/#.*$/s, '') + signed.join(''))
    .digest('base64');
}

/** X-Viber-Content-Signature: lower-case hex HMAC-SHA256 of the raw body. developers.viber.com/docs/api/rest-bot-api */
export function viberSignature(authToken: string, body: Buffer): string {
  return createHmac('sha256', authToken).update(body).digest('hex');
}

/** TurboSMS signs a callback as SHA1(secret + id). turbosms.ua/en/callback.html */
export function turboSmsSignature(secret: string, id: string): string {
  return createHash('sha1')
    .update(secret + id)
    .digest('hex');
}
