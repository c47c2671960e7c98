import type { Queryable } from '#store/database';
import { localesOf, type Survey } from '#surveys/survey';
import type { Campaign, CampaignRefs } from './campaign.js';
import { inOrder, type PublishedCampaign } from './decide.js';
import { definitionByIds, definitionPublished } from './pack/definition.sql.js';
import type { MessageTexts } from './pack/read-pack.js';

/** Campaigns as published, with what they rest on. Revisions never change, so each is read once a process. */
export class CampaignsInForce {
  private readonly known = new Map<string, PublishedCampaign>();
  private readonly messages = new Map<string, MessageTexts>();
  private last: readonly PublishedCampaign[] = [];

  /** Those in force now, in the order in which they get a visit. */
  async load(db: Queryable): Promise<readonly PublishedCampaign[]> {
    const published = await definitionPublished(db, 'campaign');
    const current = new Set(this.last.map(({ id }) => id));
    const isLast = published.length === current.size && published.every(({ id }) => current.has(id));
    if (isLast) return this.last;
    const fresh = published.filter(({ id }) => !this.known.has(id));
    for (const { id, content } of fresh) this.known.set(id, await this.complete(db, id, content as Stored));
    this.last = inOrder(published.map(({ id }) => this.known.get(id) as PublishedCampaign));
    return this.last;
  }

  /** The sources of a message that a loaded campaign refers to. */
  texts(messageId: string): MessageTexts {
    return this.messages.get(messageId) ?? {};
  }

  private async complete(db: Queryable, id: string, campaign: Stored): Promise<PublishedCampaign> {
    const ids = [campaign.refs.survey, ...Object.values(campaign.refs.messages)];
    let locales: string[] | undefined;
    for (const stored of await definitionByIds(db, ids)) {
      if (stored.kind === 'message')
        this.messages.set(stored.id, (stored.content as { texts: MessageTexts }).texts);
      const spoken =
        stored.kind === 'survey' ? localesOf(stored.content as Survey) : Object.keys(this.texts(stored.id));
      locales = locales ? locales.filter((locale) => spoken.includes(locale)) : spoken;
    }
    return { ...campaign, id, locales: locales ?? [] };
  }
}

type Stored = Campaign & { refs: CampaignRefs };
