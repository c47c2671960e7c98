import type { Locale } from '../wording.js';

// Ukraine's own zone: what people did is real time, whatever the clock of a rehearsal.
const ZONE = 'Europe/Kyiv';
const formats: Readonly<Record<Locale, Intl.DateTimeFormat>> = {
  uk: formatOf('uk-UA'),
  en: formatOf('en-GB'),
};

function formatOf(tag: string): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat(tag, { dateStyle: 'short', timeStyle: 'medium', timeZone: ZONE });
}

/** `02.03.26, 14:00:05`, in Kyiv's time. */
export function momentOf(at: Date, locale: Locale): string {
  return formats[locale].format(at);
}
