import { approvalProblems } from '#rendering/approval';
import { lintMessage } from '#rendering/lint';
import { localesOf } from '#surveys/survey';
import { messagesOf, type Campaign } from '../campaign.js';
import { inReadingOrder, type PackProblem } from './problem.js';
import { readPack, type MessageTexts, type Pack, type Sourced } from './read-pack.js';

/** Everything wrong with the pack in the folder, in reading order; empty when it may be applied. */
export async function checkPack(dir: string): Promise<PackProblem[]> {
  return (await readAndCheckPack(dir)).problems;
}

export async function readAndCheckPack(dir: string): Promise<{ pack: Pack; problems: PackProblem[] }> {
  const { pack, problems } = await readPack(dir);
  const broken = new Set(problems.map((problem) => problem.file));
  return { pack, problems: inReadingOrder([...problems, ...crossProblems(pack, broken)]) };
}

/** What no file shows alone: references, locales that do not match, texts that do not fit their use. */
export function crossProblems(pack: Pack, broken: ReadonlySet<string>): PackProblem[] {
  const campaigns = [...pack.campaigns.values()];
  const used = new Set(campaigns.flatMap(({ value }) => messagesOf(value).map(({ key }) => key)));
  // A text no campaign uses yet is still held to the syntax, as the role that demands least.
  const unused = [...pack.messages].filter(([key]) => !used.has(key));
  return [
    ...campaigns.flatMap((campaign) => campaignProblems(pack, campaign, broken)),
    ...unused.flatMap(([key, texts]) => textProblems(key, texts, { role: 'thanks' })),
    ...approvalsProblems(pack),
  ];
}

/** An approval of a wording that no text has is a text changed since, or a slip: either way nothing would be sent. */
function approvalsProblems({ approvals, messages }: Pack): PackProblem[] {
  if (!approvals) return [];
  const { value, source } = approvals;
  const texts = [...messages.values()].flatMap((byLocale) =>
    Object.values(byLocale).map(({ viber }) => viber?.trim()),
  );
  return value.flatMap(({ text, state }, i) => {
    if (!texts.includes(text.trim())) {
      return [
        source.problem(
          [i, 'text'],
          'no Viber text of this pack has this wording: submit the new one, or remove this',
        ),
      ];
    }
    const found = state === 'rejected' ? [] : approvalProblems(text);
    return found.map(({ problem }) => source.problem([i, 'text'], problem));
  });
}

function campaignProblems(
  pack: Pack,
  { value: campaign, source }: Sourced<Campaign>,
  broken: ReadonlySet<string>,
): PackProblem[] {
  const problems: PackProblem[] = [];
  const survey = pack.surveys.get(campaign.survey)?.value;
  // A survey file that cannot be read has its own problems; "missing" would be false.
  if (!survey && ![...broken].some((file) => file.startsWith('surveys/'))) {
    problems.push(source.problem(['survey'], `there is no survey "${campaign.survey}" in surveys/`));
  }
  const spoken = survey ? localesOf(survey) : ['uk'];
  const messages = messagesOf(campaign);
  const locales = new Set([
    ...spoken,
    ...messages.flatMap(({ key }) => Object.keys(pack.messages.get(key) ?? {})),
  ]);
  for (const locale of survey ? [...locales].filter((l) => !spoken.includes(l)) : []) {
    problems.push(
      source.problem(
        ['survey'],
        `locale "${locale}" is missing in survey "${campaign.survey}": messages have it`,
      ),
    );
  }
  for (const { key, role } of messages) {
    const texts = pack.messages.get(key);
    const at = (problem: string): PackProblem => source.problem(pathOf(campaign, key), problem);
    if (!texts) {
      problems.push(at(`there is no message "${key}" in messages/`));
      continue;
    }
    for (const locale of locales) {
      for (const channel of campaign.channels) {
        if (texts[locale]?.[channel] !== undefined) continue;
        problems.push(at(`locale "${locale}" is missing in message "${key}" for ${channel}: add messages/${key}/${locale}.${channel}.hbs`)); // prettier-ignore
      }
    }
    problems.push(...textProblems(key, texts, { role, maxParts: campaign.maxParts }));
  }
  return problems;
}

/** Where the campaign names the message. */
function pathOf(campaign: Campaign, key: string): PropertyKey[] {
  const use = Object.entries(campaign.messages).find(([, named]) => named === key);
  return use ? ['messages', use[0]] : ['variants', 'invite', key];
}

function textProblems(
  key: string,
  texts: MessageTexts,
  use: { role: 'invite' | 'reminder' | 'thanks'; maxParts?: number },
): PackProblem[] {
  return Object.entries(texts).flatMap(([locale, byChannel]) =>
    (['sms', 'viber'] as const).flatMap((channel) => {
      const file = `messages/${key}/${locale}.${channel}.hbs`;
      const source = byChannel[channel];
      if (source === undefined) return [];
      return lintMessage(source, { ...use, channel }).map((problem) => ({ file, ...problem }));
    }),
  );
}
