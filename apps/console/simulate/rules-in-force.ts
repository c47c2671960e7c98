import { AppError } from '#kernel/errors';
import { campaignSchema, type Campaign } from '#planning/campaign';
import { writePack } from '#planning/pack/apply-pack';
import { definitionPublished } from '#planning/pack/definition.sql';
import { crossProblems } from '#planning/pack/check-pack';
import { problemLine } from '#planning/pack/problem';
import type { MessageTexts, Pack, Sourced } from '#planning/pack/read-pack';
import { YamlFile } from '#planning/pack/yaml-file';
import type { PublishRules } from '#planning/simulate/simulate';
import type { Database, Queryable } from '#store/database';
import { surveySchema } from '#surveys/survey';
import { storedCentres } from './stored.sql.js';

const FILE = 'campaign.yaml';

/**
 * The rules to simulate: the campaigns in force (of one pack), and with `campaign` this one in place of the one of its
 * key, or beside them. Throws `pack_unknown` and `campaign_invalid` (422) with every problem, line and column.
 */
export async function rulesInForce(
  db: Queryable,
  { pack, campaign }: { pack?: string | undefined; campaign?: string | undefined },
): Promise<PublishRules> {
  const stored = await definitionPublished(db, 'campaign');
  const chosen = stored.filter((one) => pack === undefined || one.pack === pack);
  if (pack !== undefined && chosen.length === 0) {
    const known = [...new Set(stored.map((one) => one.pack))].sort().join(', ') || 'none';
    throw new AppError('pack_unknown', `No campaign of a pack "${pack}" is in force; there are: ${known}.`, {
      status: 422,
    });
  }
  const campaigns = new Map(chosen.map(({ key, content }) => [key, sourced(draftOf(content))]));
  if (campaign !== undefined) {
    const uploaded = uploadedCampaign(campaign);
    campaigns.set(uploaded.value.key, uploaded);
  }
  const contents: Pack = {
    key: pack ?? 'simulation',
    name: { uk: pack ?? 'simulation' },
    approvals: undefined,
    centres: await storedCentres(db),
    surveys: new Map(
      (await definitionPublished(db, 'survey')).map(({ key, content }) => [key, sourced(surveySchema.parse(content))]),
    ),
    campaigns,
    messages: new Map(
      (await definitionPublished(db, 'message')).map(({ key, content }) => [key, (content as { texts: MessageTexts }).texts]),
    ),
  };
  refuse(crossProblems(contents, new Set()).filter(({ file }) => file === FILE));
  return {
    publish: async (scratch: Database, now: Date) => {
      await writePack(scratch, contents, { publish: true, now });
    },
  };
} // prettier-ignore

function uploadedCampaign(text: string): Sourced<Campaign> {
  const source = new YamlFile(FILE, text);
  const read = source.read(campaignSchema);
  if ('problems' in read) refuse(read.problems);
  else return { value: read.value, source };
  throw new Error('a file without a value has problems');
}

function refuse(problems: Parameters<typeof problemLine>[0][]): void {
  if (problems.length === 0) return;
  throw new AppError(
    'campaign_invalid',
    `The campaign has problems: ${problems.map(problemLine).join('; ')}`,
    {
      status: 422,
      details: problems.map((one) => ({ at: `${one.line}:${one.column}`, message: one.problem })),
    },
  );
}

/** A published campaign carries the revisions it rests on; here it gets those of the scratch database. */
function draftOf(content: object): Campaign {
  const own = Object.entries(content).filter(([name]) => name !== 'refs');
  return campaignSchema.parse(Object.fromEntries(own));
}

function sourced<T>(value: T): Sourced<T> {
  return { value, source: new YamlFile('', '') };
}
