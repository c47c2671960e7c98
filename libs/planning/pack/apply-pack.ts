import type { Database, Queryable } from '#store/database';
import type { DefinitionKind } from '#store/entities';
import { AppError } from '#kernel/errors';
import { sha256 } from '#kernel/ids';
import { messagesOf, type Campaign, type CampaignRefs } from '../campaign.js';
import { wordingHash } from '#rendering/approval';
import { approvalPut, type Approval } from './approval.sql.js';
import { centreConfirm } from './centre.sql.js';
import { readAndCheckPack } from './check-pack.js';
import {
  definitionInsert,
  definitionLatest,
  definitionLock,
  definitionPublish,
  definitionPublished,
  type StoredDefinition,
} from './definition.sql.js';
import { problemLine } from './problem.js';
import type { Survey } from '#surveys/survey';
import type { Pack } from './read-pack.js';

export interface AppliedDefinition {
  readonly kind: DefinitionKind;
  readonly key: string;
  readonly revision: number;
  /** `created`: a new revision; `published`: an earlier draft came into force; `unchanged`: it stood like this. */
  readonly change: 'created' | 'published' | 'unchanged';
}

export interface AppliedPack {
  readonly pack: string;
  readonly definitions: readonly AppliedDefinition[];
  /** Centres added or changed. */
  readonly centres: number;
  /** Campaigns in force that came from this pack and are not in it any more: they go on until they are withdrawn. */
  readonly leftOver: readonly string[];
}

/**
 * Writes the pack in the folder `dir` into the database, in one transaction. Content that stands there already
 * makes no new revision, so applying twice changes nothing. With `publish`, campaigns come into force with the
 * surveys and texts of this moment; campaigns of other packs that use a changed one are published anew.
 * Throws `pack_invalid` with every problem when there is any; nothing is written then.
 */
export async function applyPack(
  database: Database,
  dir: string,
  options: { publish: boolean; now: Date },
): Promise<AppliedPack> {
  const { pack, problems } = await readAndCheckPack(dir);
  if (problems.length > 0) {
    const lines = problems.map(problemLine);
    throw new AppError('pack_invalid', `The pack at ${dir} has problems:\n  ${lines.join('\n  ')}`, {
      status: 422,
      details: problems,
    });
  }
  return writePack(database, pack, options);
}

/** The contents of a pack, wherever they came from; checked by whoever has them. */
export interface PackContents extends Pick<Pack, 'key' | 'name' | 'centres' | 'messages' | 'approvals'> {
  readonly surveys: ReadonlyMap<string, { readonly value: Survey }>;
  readonly campaigns: ReadonlyMap<string, { readonly value: Campaign }>;
}

/** As `applyPack`, of contents that were read and checked before. */
export async function writePack(
  database: Database,
  pack: PackContents,
  options: { publish: boolean; now: Date },
): Promise<AppliedPack> {
  return database.transaction(async (tx) => {
    await definitionLock(tx);
    const centres = await centreConfirm(tx, pack.centres, options.now);
    const shelf = await Shelf.open(tx, pack.key, options);
    for (const [key, texts] of pack.messages) await shelf.put('message', key, { texts });
    for (const [key, { value }] of pack.surveys) await shelf.put('survey', key, value);
    await putCampaigns(tx, pack, shelf, options.publish);
    await approvalPut(tx, approvalsOf(pack), options.now);
    const leftOver = await campaignsLeftOver(tx, pack);
    return { pack: pack.key, definitions: shelf.applied, centres, leftOver };
  });
}

async function campaignsLeftOver(tx: Queryable, { key: pack, campaigns }: PackContents): Promise<string[]> {
  const inForce = await definitionPublished(tx, 'campaign');
  return inForce.filter((stored) => stored.pack === pack && !campaigns.has(stored.key)).map(({ key }) => key);
}

function approvalsOf({ approvals }: PackContents): Approval[] {
  return (approvals?.value ?? []).map(({ sender, text, state, templateId = null }) => {
    return { sender, hash: wordingHash(text), state, templateId };
  });
}

async function putCampaigns(
  tx: Queryable,
  pack: PackContents,
  shelf: Shelf,
  publish: boolean,
): Promise<void> {
  for (const [key, { value }] of pack.campaigns) {
    const campaign = { ...value, sender: value.sender ?? pack.name };
    await shelf.put('campaign', key, publish ? { ...campaign, refs: shelf.refsOf(campaign) } : campaign);
  }
  if (!publish) return;
  for (const { key, content, pack: of } of await definitionPublished(tx, 'campaign')) {
    if (pack.campaigns.has(key)) continue;
    const { refs, ...campaign } = content as Campaign & { refs: CampaignRefs };
    const renewed = shelf.refsOf(campaign);
    if (hashOf(renewed) !== hashOf(refs))
      await shelf.put('campaign', key, { ...campaign, refs: renewed }, of);
  }
}

/** The definitions as they stand during one application. */
class Shelf {
  readonly applied: AppliedDefinition[] = [];
  /** By kind and key: the newest revision, and the one in force. */
  private readonly latest = new Map<string, StoredDefinition>();
  private readonly inForce = new Map<string, StoredDefinition>();

  private constructor(
    private readonly db: Queryable,
    private readonly pack: string,
    private readonly options: { publish: boolean; now: Date },
  ) {}

  static async open(db: Queryable, pack: string, options: { publish: boolean; now: Date }): Promise<Shelf> {
    const shelf = new Shelf(db, pack, options);
    for (const stored of await definitionLatest(db)) shelf.latest.set(`${stored.kind} ${stored.key}`, stored);
    for (const kind of ['message', 'survey'] as const) {
      for (const stored of await definitionPublished(db, kind))
        shelf.inForce.set(`${kind} ${stored.key}`, stored);
    }
    return shelf;
  }

  async put(kind: DefinitionKind, key: string, content: object, pack = this.pack): Promise<void> {
    const { publish, now } = this.options;
    const contentHash = hashOf(content);
    let stored = this.latest.get(`${kind} ${key}`);
    let change: AppliedDefinition['change'] = 'unchanged';
    if (!stored || !sameContent(stored, contentHash, content, publish)) {
      const revision = { kind, key, content, contentHash, pack, now, publish };
      stored = await definitionInsert(this.db, revision);
      change = 'created';
    } else if (publish && (!stored.published || stored.withdrawn)) {
      await definitionPublish(this.db, stored.id, now);
      change = 'published';
    }
    this.latest.set(`${kind} ${key}`, stored);
    if (publish) this.inForce.set(`${kind} ${key}`, stored);
    this.applied.push({ kind, key, revision: stored.revision, change });
  }

  /** The revisions in force that a campaign rests on; a draft of somebody's never slips into them. */
  refsOf(campaign: Campaign): CampaignRefs {
    const id = (kind: DefinitionKind, key: string): string => {
      const stored = this.inForce.get(`${kind} ${key}`);
      if (!stored) throw new Error(`${kind} ${key} was checked and is missing`);
      return stored.id;
    };
    const messages = messagesOf(campaign).map(({ key }) => [key, id('message', key)] as const);
    return { survey: id('survey', campaign.survey), messages: Object.fromEntries(messages) };
  }
}

/** A published campaign carries refs that a draft lacks: as a draft it counts as the same without them. */
function sameContent(stored: StoredDefinition, hash: string, content: object, publish: boolean): boolean {
  if (stored.contentHash === hash) return true;
  if (publish || stored.kind !== 'campaign') return false;
  return hashOf({ ...stored.content, refs: undefined }) === hashOf(content);
}

/** Hash of the content whatever the order of its keys. */
function hashOf(content: object): string {
  return sha256(JSON.stringify(sorted(content))).toString('hex');
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value).filter(([, v]) => v !== undefined);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, v]) => [key, sorted(v)]));
}
