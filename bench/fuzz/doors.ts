import { createHash, createHmac } from 'node:crypto';
import type { SeededRandom } from '#kernel/seeded-random';
import { broken, form, object, value, wellFormed, word } from './words.js';

/** What the doors need to be asked: where they are, and the secrets of carriers and of an administrator. */
export interface Target {
  readonly gateway: string;
  readonly console: string;
  readonly publicUrl: string;
  readonly twilio: { readonly account: string; readonly token: string };
  readonly viberToken: string;
  readonly turboToken: string;
  readonly bearer: string;
  /** Codes of invitations that exist; their surveys ask for marks only. */
  readonly codes: readonly string[];
}

export interface Bad {
  readonly door: string;
  readonly base: string;
  readonly method: 'GET' | 'POST' | 'HEAD' | 'PUT' | 'DELETE' | 'PATCH';
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body?: Buffer | undefined;
}

type Make = (chance: SeededRandom, target: Target) => Omit<Bad, 'door'>;

const JSON_TYPE = { 'content-type': 'application/json' };
const FORM_TYPE = { 'content-type': 'application/x-www-form-urlencoded' };
const BASE58 = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';

const TWILIO_FIELDS = ['MessageSid', 'SmsSid', 'From', 'To', 'Body', 'MessageStatus', 'SmsStatus', 'ErrorCode', 'OptOutType', 'RawDlrDoneDate', 'NumMedia', 'ForwardedFrom']; // prettier-ignore
const VIBER_FIELDS = ['timestamp', 'message_token', 'user_id', 'sender', 'message', 'user', 'context', 'subscribed', 'desc', 'silent']; // prettier-ignore
const VIBER_EVENTS = ['message', 'delivered', 'seen', 'failed', 'subscribed', 'unsubscribed', 'conversation_started', 'webhook', 'client_status', '']; // prettier-ignore
const VISIT_FIELDS = ['source', 'recordId', 'visitKey', 'centre', 'desk', 'serviceCode', 'arrivedAt', 'finishedAt', 'outcome', 'phone', 'consent', 'language', 'attributes']; // prettier-ignore
const LISTS = ['campaigns', 'surveys', 'templates', 'centres', 'senders', 'invitations', 'users', 'tokens', 'audit', 'suppressions', 'reports/rates', 'reports/funnel', 'reports/scores', 'reports/ledger', 'reports/cost', 'exports/answers', 'nowhere']; // prettier-ignore
const CHANGES = ['users', 'tokens', 'persons/export', 'suppressions', 'templates/preview', 'cases', 'simulate', 'users/424242', 'invitations/424242/phone']; // prettier-ignore

/** A path in which anything may stand, as bytes that a request line may hold. */
const pathOf = (text: string): string =>
  `/${text.replace(/[^\x21-\x7e]/g, (c) => encodeURIComponent(wellFormed(c))).replace(/[ #]/g, '%20')}`;

function json(chance: SeededRandom, content: unknown): Buffer {
  const text = JSON.stringify(content) ?? '';
  return chance.chance(0.3) ? broken(chance, text) : Buffer.from(text);
}

function madeUpCode(chance: SeededRandom): string {
  return Array.from({ length: 8 }, () => BASE58[chance.below(58)]).join('');
}

const twilio: Make = (chance, { gateway, publicUrl, twilio: { account, token } }) => {
  const path = `/hooks/twilio/${chance.chance(0.5) ? 'inbound' : 'status'}${chance.chance(0.5) ? `?m=${encodeURIComponent(wellFormed(word(chance)))}` : ''}`;
  const fields = new URLSearchParams(TWILIO_FIELDS.filter(() => chance.chance(0.7)).map((name) => [name, wellFormed(word(chance))] as [string, string]));
  if (chance.chance(0.7)) fields.set('AccountSid', account);
  const sorted = [...new Map([...fields].sort(([a], [b]) => (a < b ? -1 : 1)))];
  const signed = publicUrl + path + sorted.map(([name, text]) => name + text).join('');
  const signature = createHmac('sha1', token).update(signed).digest('base64');
  return { base: gateway, method: 'POST', path, headers: { ...FORM_TYPE, 'x-twilio-signature': chance.chance(0.8) ? signature : pathOf(word(chance)) },
    body: chance.chance(0.8) ? Buffer.from(fields.toString()) : broken(chance, fields.toString()) };
}; // prettier-ignore

const viber: Make = (chance, { gateway, viberToken }) => {
  const event = VIBER_EVENTS[chance.below(VIBER_EVENTS.length)];
  const body = json(chance, { event, message_token: chance.below(2 ** 31), ...object(chance, VIBER_FIELDS) });
  const signature = createHmac('sha256', viberToken).update(body).digest('hex');
  return { base: gateway, method: 'POST', path: '/hooks/viber', body,
    headers: { ...JSON_TYPE, 'x-viber-content-signature': chance.chance(0.85) ? signature : pathOf(word(chance)) } };
}; // prettier-ignore

const turbosms: Make = (chance, { gateway, turboToken }) => {
  const id = `evt-${chance.below(1_000_000)}`;
  const signature = createHash('sha1').update(`${turboToken}${id}`).digest('hex');
  const type = ['SMS DLR', 'VIBER DLR', 'INCOMING', word(chance)][chance.below(4)];
  const content = { id, signature: chance.chance(0.85) ? signature : word(chance), type, ...object(chance, ['date', 'data', 'try']) };
  return { base: gateway, method: 'POST', path: '/hooks/turbosms', headers: JSON_TYPE, body: json(chance, content) };
}; // prettier-ignore

const code: Make = (chance, { gateway }) => {
  const text = chance.chance(0.5) ? madeUpCode(chance) : word(chance);
  const tail = ['', '', '/stop', '/viber', '/opened', `/${word(chance)}`][chance.below(6)] ?? '';
  const query = chance.chance(0.3) ? `?lang=${word(chance)}&q=${word(chance)}` : '';
  return {
    base: gateway,
    method: chance.chance(0.9) ? 'GET' : 'HEAD',
    path: pathOf(text + tail + query),
    headers: {},
  };
};

/** Forms to codes that do not exist, and forms to real ones whose question or mark does not exist. */
const survey: Make = (chance, { gateway, codes }) => {
  const real = chance.chance(0.7);
  const known = codes[chance.below(codes.length)] ?? '';
  const path = real ? `/${known}` : pathOf(madeUpCode(chance) + (chance.chance(0.3) ? '/stop' : ''));
  const body = chance.chance(0.5)
    ? `q=quality&${form(chance, ['a', 'a', 'lang'])}`
    : form(chance, ['q', 'a', 'x']);
  return { base: gateway, method: 'POST', path, headers: FORM_TYPE, body: Buffer.from(body) };
};

const visits: Make = (chance, { console: base, bearer }) => {
  const lines = chance.chance(0.3);
  const records = Array.from({ length: 1 + chance.below(3) }, () => object(chance, VISIT_FIELDS));
  const text = lines ? records.map((record) => JSON.stringify(record)).join('\n') : JSON.stringify(chance.chance(0.5) ? records : records[0]); // prettier-ignore
  return { base, method: 'POST', path: '/api/v1/visits', body: chance.chance(0.4) ? broken(chance, text) : Buffer.from(text),
    headers: { authorization: `Bearer ${bearer}`, 'content-type': lines ? 'application/x-ndjson' : 'application/json' } };
}; // prettier-ignore

const lists: Make = (chance, { console: base, bearer }) => {
  const names = ['from', 'to', 'by', 'cursor', 'limit', 'format', 'centre', 'campaign'];
  const path = `/api/v1/${LISTS[chance.below(LISTS.length)] ?? ''}?${form(chance, names)}`;
  return { base, method: 'GET', path: pathOf(path.slice(1)), headers: { authorization: chance.chance(0.9) ? `Bearer ${bearer}` : pathOf(word(chance)) } };
}; // prettier-ignore

/** Bodies without a field that each of these needs, so that none can be right by chance. */
const changes: Make = (chance, { console: base, bearer }) => {
  const path = `/api/v1/${CHANGES[chance.below(CHANGES.length)] ?? ''}`;
  const method = (['POST', 'POST', 'PUT', 'DELETE', 'PATCH'] as const)[chance.below(5)] ?? 'POST';
  const body = json(chance, chance.chance(0.8) ? object(chance, ['email', 'name', 'text', 'pack']) : value(chance));
  return { base, method, path: method === 'DELETE' ? '/api/v1/users/424242' : path, body,
    headers: { authorization: `Bearer ${bearer}`, ...JSON_TYPE } };
}; // prettier-ignore

const signIn: Make = (chance, { console: base }) => ({
  base, method: 'POST', path: '/sign-in', headers: FORM_TYPE, body: Buffer.from(form(chance, ['email', 'password', 'csrf', 'next'])),
}); // prettier-ignore

/** Signing in is dear on purpose, so there are few of these. */
const DOORS: readonly (readonly [string, Make, number])[] = [
  ['twilio', twilio, 20],
  ['viber', viber, 20],
  ['turbosms', turbosms, 12],
  ['code', code, 20],
  ['survey form', survey, 14],
  ['visits', visits, 6],
  ['lists', lists, 5],
  ['changes', changes, 3],
  ['sign-in', signIn, 0.5],
];

/** The next bad request: which it is depends on the chance alone. */
export function badRequest(chance: SeededRandom, target: Target): Bad {
  const [door, make] = chance.weighted(DOORS.map((one) => [one, one[2]] as const));
  const made = make(chance, target);
  // Behind a proxy every visitor has an address of their own: else the limits of one would answer for all.
  const address = Array.from({ length: 4 }, () => 1 + chance.below(223)).join('.');
  return { door, ...made, headers: { ...made.headers, 'x-forwarded-for': address } };
}
