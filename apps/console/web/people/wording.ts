import type { Due } from '#access/principal';

/** The texts of the pages about people: sign-in with a code, account, users, audit log. */
export interface PeopleWords {
  readonly code: {
    readonly title: string;
    readonly label: string;
    readonly hint: string;
    readonly wrong: string;
    readonly expired: string;
    readonly back: string;
  };
  readonly problems: Readonly<Record<string, string>>;
  readonly account: {
    readonly title: string;
    readonly role: string;
    readonly everywhere: string;
    readonly password: string;
    readonly present: string;
    readonly next: string;
    readonly passwordHint: string;
    readonly strength: string;
    /** By strength, 1 being refused. */
    readonly strengths: Readonly<Record<1 | 2 | 3 | 4, string>>;
    readonly change: string;
    readonly changed: string;
    readonly noPassword: string;
    readonly factor: string;
    readonly factorOff: string;
    readonly factorOn: (left: number) => string;
    readonly factorStart: string;
    readonly factorScan: string;
    readonly qr: string;
    readonly factorSecret: string;
    readonly factorCode: string;
    readonly factorConfirm: string;
    readonly factorEnd: string;
    readonly factorEnded: string;
    readonly codesTitle: string;
    readonly codesNote: string;
    readonly sessions: string;
    readonly browser: string;
    readonly from: string;
    readonly since: string;
    readonly used: string;
    readonly thisOne: string;
    readonly close: string;
    readonly closeOthers: string;
    readonly closed: string;
    readonly events: string;
    readonly eventsNote: string;
    readonly eventsKnown: string;
    readonly newBrowser: string;
    readonly you: string;
    readonly due: Readonly<Record<Due, string>>;
  };
  readonly users: {
    readonly title: string;
    readonly email: string;
    readonly role: string;
    readonly centres: string;
    readonly centresHint: string;
    readonly everywhere: string;
    readonly state: string;
    readonly active: string;
    readonly disabled: string;
    readonly factor: string;
    readonly passwordDue: string;
    readonly you: string;
    readonly edit: string;
    readonly save: string;
    readonly disable: string;
    readonly enable: string;
    readonly reset: string;
    readonly resetFactor: string;
    readonly add: string;
    readonly addTitle: string;
    readonly password: (email: string) => string;
    readonly passwordNote: string;
    readonly saved: string;
  };
  readonly roles: Readonly<Record<'admin' | 'analyst' | 'operator', string>>;
  readonly audit: {
    readonly title: string;
    readonly note: string;
    readonly when: string;
    readonly who: string;
    readonly from: string;
    readonly what: string;
    readonly on: string;
    readonly change: string;
    readonly before: string;
    readonly after: string;
    readonly filter: string;
    readonly older: string;
    readonly newest: string;
    readonly empty: string;
  };
  /** What was done, by the entry's action; an action without words is shown as it is. */
  readonly actions: Readonly<Record<string, string>>;
}
