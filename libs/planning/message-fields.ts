import { civilDate, type CivilDate } from '#kernel/zone';
import { FIELD_LIMITS, type MessageFields } from '#rendering/fields';
import { measureParts } from '#rendering/parts';
import { renderMessage } from '#rendering/template';
import type { PlannedVisit, PublishedCampaign } from './decide.js';
import type { MessageTexts } from './pack/read-pack.js';

/** The language to write in: the visitor's own when the campaign speaks it, else Ukrainian (Law 2704-VIII). */
export function localeOf(visit: PlannedVisit, campaign: PublishedCampaign): string {
  const wanted = visit.language?.slice(0, 2).toLowerCase();
  return wanted !== undefined && campaign.locales.includes(wanted) ? wanted : 'uk';
}

/** What the templates may speak of, without the link: dispatch knows the address. */
export function messageFields(
  visit: PlannedVisit,
  campaign: PublishedCampaign,
  locale: string,
  expiresAt: Date,
): Omit<MessageFields, 'link'> {
  const { zone, name } = visit.centre;
  return {
    centre: name,
    service: visit.serviceName ?? '',
    date: dayIn(locale, civilDate(visit.finishedAt, zone)),
    deadline: dayIn(locale, civilDate(expiresAt, zone)),
    sender: campaign.sender?.[locale] ?? campaign.sender?.['uk'] ?? '',
  };
}

const formats = new Map<string, Intl.DateTimeFormat>();
const days = new Map<string, string>();

/** `24 листопада`, `24 November`. */
function dayIn(locale: string, day: CivilDate): string {
  const key = `${locale} ${day}`;
  let text = days.get(key);
  if (text === undefined) {
    let format = formats.get(locale);
    if (!format) {
      // British English puts the day first, as every other language here does.
      const language = locale === 'en' ? 'en-GB' : locale;
      format = new Intl.DateTimeFormat(language, { day: 'numeric', month: 'long', timeZone: 'UTC' });
      formats.set(locale, format);
    }
    if (days.size > 2000) days.clear();
    days.set(key, (text = format.format(new Date(`${day}T00:00:00Z`))));
  }
  return text;
}

const LONGEST_LINK = `https://${'x'.repeat(FIELD_LIMITS.link - 8)}`;
const MEMO_LIMIT = 20_000;

/** Counts SMS parts of invitations before they are sent; equal texts are rendered once. */
export class PartsEstimate {
  private readonly known = new Map<string, number>();

  /** `templateId` names the texts, which never change. The link is taken to be as long as a link may be. */
  of(templateId: string, texts: MessageTexts, locale: string, fields: Omit<MessageFields, 'link'>): number {
    const source = texts[locale]?.sms ?? texts['uk']?.sms;
    if (source === undefined) return 0;
    const key = [templateId, locale, ...Object.values(fields)].join('\n');
    let parts = this.known.get(key);
    if (parts === undefined) {
      parts = measureParts(renderMessage(source, { ...fields, link: LONGEST_LINK })).parts;
      if (this.known.size > MEMO_LIMIT) this.known.clear();
      this.known.set(key, parts);
    }
    return parts;
  }
}
