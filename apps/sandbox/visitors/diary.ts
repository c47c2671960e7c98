/** What one invited person did of which our side took notice: what tests and rehearsals set reports against. */
export interface Deeds {
  readonly number: string;
  /** The survey code of the invitation. */
  readonly code: string;
  /** Looked at the survey page, or opened the chat through its link. */
  opened: boolean;
  /** How many questions were answered, skipped ones included, on whichever way. */
  answered: number;
  refused: boolean;
  wrongNumber: boolean;
}

/** The deeds of all invited people, in the order in which they were first written to; the oldest are forgotten. */
export class Diary {
  private deeds = new Map<string, Deeds>();

  constructor(private readonly keep: number) {}

  open(number: string, code: string): Deeds {
    const fresh = { number, code, opened: false, answered: 0, refused: false, wrongNumber: false };
    this.deeds.set(code, fresh);
    if (this.deeds.size > this.keep) this.deeds.delete(this.deeds.keys().next().value ?? '');
    return fresh;
  }

  /** `limit` of them after the first `since`. */
  after(since: number, limit: number): Deeds[] {
    return [...this.deeds.values()].slice(since, since + limit);
  }

  clear(): void {
    this.deeds.clear();
  }
}
