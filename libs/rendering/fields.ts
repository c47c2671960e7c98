/** What a message text may speak of: a closed list, so that a template cannot reach anything personal. */
export interface MessageFields {
  /** Address of the survey page. */
  readonly link: string;
  readonly centre: string;
  readonly service: string;
  /** Day of the visit, written out in the message's language: `24 листопада`. */
  readonly date: string;
  /** Last day to answer, in the same form. */
  readonly deadline: string;
  /** Who writes: the institution's name as visitors know it. */
  readonly sender: string;
}

export type FieldName = keyof MessageFields;

/**
 * The longest value of each field, in UTF-16 units. Names from a feed are cut to it when a message is rendered, so
 * that the parts counted when a template is saved are never exceeded later. A link is never cut; 34 holds
 * `https://` + a host of 17 characters + `/` + the code of 8. Days are never longer than `30 листопада`.
 */
export const FIELD_LIMITS: Readonly<Record<FieldName, number>> = {
  link: 34,
  centre: 40,
  service: 40,
  date: 12,
  deadline: 12,
  sender: 24,
};

export const FIELD_NAMES = Object.keys(FIELD_LIMITS) as FieldName[];

export function isFieldName(name: string): name is FieldName {
  return Object.hasOwn(FIELD_LIMITS, name);
}

/**
 * The fields as they stand in the text: composed letters (й is one unit, not two), no line breaks, tabs, invisible
 * or odd spaces, names no longer than their limit.
 */
export function fittingFields(fields: MessageFields): MessageFields {
  return {
    link: fields.link,
    centre: shorten(tidy(fields.centre), FIELD_LIMITS.centre),
    service: shorten(tidy(fields.service), FIELD_LIMITS.service),
    date: tidy(fields.date),
    deadline: tidy(fields.deadline),
    sender: shorten(tidy(fields.sender), FIELD_LIMITS.sender),
  };
}

const ODD = /[\p{Cc}\p{Cf}\p{M}\p{Zl}\p{Zp}\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]| {2}|^ | $/u;

function tidy(value: string): string {
  if (!ODD.test(value)) return value;
  return value
    .normalize('NFC')
    .replace(/\p{Cf}+/gu, '')
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim();
}

/** Cuts at the last word that fits and closes with a full stop, which costs no change of alphabet. */
function shorten(value: string, limit: number): string {
  if (value.length <= limit) return value;
  const room = value.slice(0, limit - 1);
  const space = room.lastIndexOf(' ');
  const cut = space > limit / 2 ? room.slice(0, space) : room;
  return `${cut.replace(/[\ud800-\udbff]$/, '').replace(/[\s.,;:«"“(-]+$/u, '')}.`;
}
