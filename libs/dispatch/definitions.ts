import type { SendingWindow } from '#kernel/window';
import type { Queryable } from '#store/database';
import type { Survey } from '#surveys/survey';

/** What dispatch reads of a published campaign; durations are ISO 8601. */
export interface CampaignRules {
  readonly window?: SendingWindow;
  readonly fallbackAfter?: string;
  readonly reminder?: { readonly after: string; readonly max: number };
  readonly messages: { readonly invite: string; readonly reminder?: string };
  /** What to do with an invite of which nothing could be learned: leave it be (the default), or send it again. */
  readonly onUncertain?: 'abandon' | 'resend';
  readonly refs: { readonly messages: Readonly<Record<string, string>> };
}

/** Message sources by locale and channel. */
export interface MessageTexts {
  readonly texts: Readonly<Record<string, { readonly sms?: string; readonly viber?: string }>>;
}

const CACHE_LIMIT = 1_000;

/** Campaigns, surveys and texts by id. A stored revision never changes, so each is read once a process. */
export class Definitions {
  private readonly known = new Map<string, object>();

  constructor(private readonly db: Queryable) {}

  /** Reads those of the ids that are not known yet. An id that does not exist stays unknown. */
  async load(ids: Iterable<string | null>): Promise<void> {
    const missing = new Set<string>();
    for (const id of ids) if (id !== null && !this.known.has(id)) missing.add(id);
    if (missing.size === 0) return;
    if (this.known.size > CACHE_LIMIT) this.known.clear();
    const { rows } = await this.db.query<{ id: string; content: object }>(
      'select id, content from definition where id = any($1::bigint[])',
      [[...missing]],
    );
    for (const { id, content } of rows) this.known.set(id, content);
  }

  campaign(id: string | null): CampaignRules | undefined {
    return this.get<CampaignRules>(id);
  }

  survey(id: string | null): Survey | undefined {
    return this.get<Survey>(id);
  }

  message(id: string | null): MessageTexts | undefined {
    return this.get<MessageTexts>(id);
  }

  private get<T extends object>(id: string | null): T | undefined {
    // The rows that hold an id say which kind it is; what was published was checked to be of that shape.
    return id === null ? undefined : (this.known.get(id) as T | undefined);
  }
}
