import type { Locale } from './wording.js';

/** How one language writes numbers, shares and times. */
export class Numbers {
  private readonly whole: Intl.NumberFormat;
  private readonly percent: Intl.NumberFormat;
  private readonly tag: string;

  constructor(locale: Locale) {
    this.tag = locale === 'uk' ? 'uk-UA' : 'en-GB';
    this.whole = new Intl.NumberFormat(this.tag);
    this.percent = new Intl.NumberFormat(this.tag, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
  }

  count(n: number): string {
    return this.whole.format(n);
  }

  /** With one decimal. */
  decimal(n: number): string {
    return this.percent.format(n);
  }

  /** A share between 0 and 1 as percent with one decimal. */
  share(value: number): string {
    return `${this.percent.format(100 * value)} %`;
  }

  /** The share of a part in a whole; a dash where the whole is empty. */
  of(part: number, whole: number): string {
    return whole === 0 ? '–' : this.share(part / whole);
  }

  time(at: Date, zone: string): string {
    return this.format(at, { timeZone: zone, hour: '2-digit', minute: '2-digit', second: '2-digit' });
  }

  moment(at: Date, zone: string): string {
    return this.format(at, { timeZone: zone, weekday: 'short', day: 'numeric', month: 'long', hour: '2-digit', minute: '2-digit' }); // prettier-ignore
  }

  /** A calendar day as `2 бер.`. */
  day(date: string): string {
    return this.format(new Date(`${date}T00:00:00Z`), { timeZone: 'UTC', day: 'numeric', month: 'short' });
  }

  /** The month of a day as `березень 2026 р.`. */
  month(date: string): string {
    return this.format(new Date(`${date}T00:00:00Z`), { timeZone: 'UTC', month: 'long', year: 'numeric' });
  }

  private format(at: Date, options: Intl.DateTimeFormatOptions): string {
    return new Intl.DateTimeFormat(this.tag, options).format(at);
  }
}
