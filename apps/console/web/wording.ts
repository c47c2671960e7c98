export type Locale = 'uk' | 'en';

/** Every text of the web console in one language. */
export interface Words {
  readonly locale: Locale;
  readonly brand: string;
  readonly tagline: string;
  readonly skip: string;
  readonly otherLanguage: { readonly locale: Locale; readonly name: string };
  readonly signIn: {
    readonly title: string;
    readonly email: string;
    readonly password: string;
    readonly see: string;
    readonly unsee: string;
    readonly button: string;
    readonly wrong: string;
    readonly lapsed: string;
    readonly wait: (minutes: number) => string;
    readonly out: string;
    readonly provider: string;
  };
  readonly news: (n: number) => string;
  readonly places: {
    readonly label: string;
    readonly live: string;
    readonly analysis: string;
    readonly cases: string;
    readonly doubts: string;
    readonly campaigns: string;
    readonly texts: string;
    readonly users: string;
    readonly audit: string;
    readonly account: string;
  };
  readonly error: {
    readonly title: string;
    readonly back: string;
    readonly notFound: string;
    readonly other: string;
  };
  readonly period: {
    readonly label: string;
    readonly today: string;
    readonly week: string;
    readonly month: string;
    readonly from: string;
    readonly to: string;
    readonly show: string;
  };
  readonly live: {
    readonly title: string;
    readonly on: string;
    readonly paused: string;
    readonly lost: string;
    readonly pause: string;
    readonly resume: string;
    readonly rehearsal: (speed: number) => string;
    readonly noScript: string;
  };
  readonly rate: {
    readonly title: string;
    readonly of: (answered: string, cases: string) => string;
    readonly interval: string;
    readonly undefined: string;
    readonly open: (n: string) => string;
  };
  readonly key: {
    readonly visits: string;
    readonly invited: string;
    readonly answered: string;
    readonly refused: string;
    readonly partly: (n: string) => string;
    readonly ofVisits: (share: string) => string;
    readonly ofCases: (share: string) => string;
    readonly pending: (n: string) => string;
  };
  readonly funnel: { readonly title: string; readonly note: string; readonly ofPrevious: string };
  readonly steps: Readonly<Record<string, string>>;
  readonly ledger: { readonly title: string; readonly note: string; readonly sum: string };
  readonly decisions: Readonly<Record<string, string>>;
  readonly reasons: Readonly<Record<string, string>>;
  readonly days: {
    readonly title: string;
    readonly visits: string;
    readonly answered: string;
    readonly day: string;
  };
  readonly centres: {
    readonly title: string;
    readonly note: string;
    readonly centre: string;
    readonly visits: string;
    readonly invited: string;
    readonly answered: string;
    readonly rate: string;
    readonly interval: string;
    readonly few: string;
    readonly more: (n: number) => string;
  };
  readonly feed: { readonly title: string; readonly note: string; readonly empty: string };
  readonly kinds: Readonly<Record<string, string>>;
  readonly states: Readonly<Record<string, string>>;
  readonly channels: Readonly<Record<string, string>>;
  readonly nothing: string;
}
