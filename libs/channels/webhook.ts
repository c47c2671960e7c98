import { parse as parseQuery } from 'node:querystring';
import { sha256 } from '#kernel/ids';
import type { CarrierFact, WebhookRequest } from './channel.js';

/** Bodies of carriers' calls are a few kilobytes; a larger one is refused before anything is computed over it. */
export const BODY_BYTES_AT_MOST = 128 * 1024;

/** Decoded form fields: a text, or several for a repeated name. Has no prototype, so any name is safe to look up. */
export type FormFields = Readonly<Record<string, string | string[] | undefined>>;

/** Verifying and parsing look at the same fields, one right after the other: one place to remember them is enough. */
let latest: { readonly request: WebhookRequest; readonly fields: FormFields } | undefined;

/** The fields a call carries: of the form body, or of the query for GET. Nothing is trimmed or dropped. */
export function formFieldsOf(request: WebhookRequest): FormFields {
  if (latest?.request !== request) {
    const encoded = isGet(request) ? queryOf(request.url) : request.body.toString('utf8');
    latest = { request, fields: parseQuery(encoded, '&', '=', { maxKeys: 0 }) };
  }
  return latest.fields;
}

/** The single value of a field, cleaned; undefined when it is absent. Of a repeated field, the first. */
export function fieldOf(fields: FormFields, name: string): string | undefined {
  const value = fields[name];
  const first = Array.isArray(value) ? value[0] : value;
  return first === undefined ? undefined : cleanText(first);
}

export function isGet(request: WebhookRequest): boolean {
  return request.method.toUpperCase() === 'GET';
}

/** A parameter of the address that was called. */
export function queryParameter(request: WebhookRequest, name: string): string | undefined {
  if (!request.url.includes(name)) return undefined;
  return fieldOf(parseQuery(queryOf(request.url), '&', '=', { maxKeys: 0 }), name);
}

function queryOf(url: string): string {
  const start = url.indexOf('?');
  return start === -1 ? '' : (url.slice(start + 1).split('#', 1)[0] ?? '');
}

export type JsonObject = Readonly<Record<string, unknown>>;

/** The JSON object in a text; undefined for anything else, including arrays and broken JSON. */
export function jsonObject(text: string): JsonObject | undefined {
  try {
    return asObject(JSON.parse(text));
  } catch {
    return undefined;
  }
}

export function asObject(value: unknown): JsonObject | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as JsonObject)
    : undefined;
}

/** An own property, so that `constructor` or `toString` never come from the prototype. */
export function ownValue(object: JsonObject | undefined, name: string): unknown {
  return object !== undefined && Object.hasOwn(object, name) ? object[name] : undefined;
}

/** A text property, cleaned; undefined when it is absent or no text. */
export function textValue(object: JsonObject | undefined, name: string): string | undefined {
  const value = ownValue(object, name);
  return typeof value === 'string' ? cleanText(value) : undefined;
}

/** NUL, and surrogates, halves or not: most texts have neither. */
const SUSPECT = /[\0\ud800-\udfff]/;

/** Without NUL, which PostgreSQL cannot store, and without halves of surrogate pairs, which UTF-8 cannot hold. */
export function cleanText(text: string): string {
  if (!SUSPECT.test(text)) return text;
  return Buffer.from(text, 'utf8').toString('utf8').replaceAll('\0', '');
}

/** A number in international form, as carriers give it. */
export function isE164(text: string | undefined): text is string {
  return text !== undefined && /^\+[1-9]\d{6,14}$/.test(text);
}

/** For calls that mean nothing to us: kept whole (encrypted by the caller), keyed by content, acted on by nobody. */
export function unknownFact(request: WebhookRequest, why: string): CarrierFact {
  const raw = isGet(request) ? Buffer.from(request.url) : request.body;
  return {
    kind: 'unknown',
    dedupeKey: `unknown:${sha256(raw).toString('hex')}`,
    detail: { why },
    raw: cleanText(raw.toString('utf8')),
  };
}
