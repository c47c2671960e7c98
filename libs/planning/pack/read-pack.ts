import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { AppError, reasonOf } from '#kernel/errors';
import { surveySchema, type Survey } from '#surveys/survey';
import { campaignSchema, definitionKey, localName, type Campaign, type Channel } from '../campaign.js';
import { APPROVAL_STATES } from './approval.sql.js';
import { readCentres, type Centre } from './centres-file.js';
import type { PackProblem } from './problem.js';
import { YamlFile } from './yaml-file.js';

/** Handlebars sources of one message: `texts.uk.sms`. The content of a definition of kind `message`. */
export type MessageTexts = Record<string, Partial<Record<Channel, string>>>;

/** A definition of the pack and the file it came from; the file answers where in it something stands. */
export interface Sourced<T> {
  readonly value: T;
  readonly source: YamlFile;
}

export interface Pack {
  readonly key: string;
  readonly name: Record<string, string>;
  readonly centres: readonly Centre[];
  readonly surveys: ReadonlyMap<string, Sourced<Survey>>;
  readonly campaigns: ReadonlyMap<string, Sourced<Campaign>>;
  readonly messages: ReadonlyMap<string, MessageTexts>;
  /** What carriers decided about wordings: `approvals.yaml`, if there is one. */
  readonly approvals: Sourced<readonly PackApproval[]> | undefined;
}

export type PackApproval = z.infer<typeof approvalsSchema>[number];

/** The wording is repeated, as the carrier has it, so that a text changed later does not count as approved. */
const approvalsSchema = z.array(
  z.strictObject({
    sender: z.string().min(1),
    text: z.string().min(1),
    state: z.enum(APPROVAL_STATES),
    templateId: z.union([z.string().min(1), z.number().int().transform(String)]).optional(),
  }),
);

const packSchema = z.strictObject({
  key: definitionKey,
  name: z.union([z.string().min(1).transform((uk) => ({ uk })), localName], { error: 'must be a name, or a name by locale' }), // prettier-ignore
  version: z.union([z.string().min(1), z.number()]).transform(String),
});

const MESSAGE_FILE = /^([a-z]{2})\.(sms|viber)\.hbs$/;

/**
 * Reads a pack's folder. Problems of single files are in `problems`, all of them; what files say of each other is
 * left to `crossProblems`. Throws only when there is no such folder or it cannot be read.
 */
export async function readPack(dir: string): Promise<{ pack: Pack; problems: PackProblem[] }> {
  const problems: PackProblem[] = [];
  const head = await readHead(dir, problems);
  const campaigns = await readYamlFolder(dir, 'campaigns', campaignSchema, problems);
  const pack = {
    ...head,
    centres: await readCentreFile(dir, problems),
    surveys: await readYamlFolder(dir, 'surveys', surveySchema, problems),
    campaigns,
    messages: await readMessages(dir, problems),
    approvals: await readApprovals(dir, problems),
  };
  return { pack, problems };
}

async function readHead(
  dir: string,
  problems: PackProblem[],
): Promise<{ key: string; name: Record<string, string> }> {
  const found = await stat(dir).catch((thrown: unknown) => {
    throw new AppError('pack_missing', `There is no pack at ${dir}: ${reasonOf(thrown)}.`);
  });
  if (!found.isDirectory()) throw new AppError('pack_missing', `${dir} is a file; a pack is a folder.`);
  const text = await readIfThere(join(dir, 'pack.yaml'));
  if (text === undefined) {
    problems.push({
      file: 'pack.yaml',
      line: 1,
      column: 1,
      problem: 'is missing: it names the pack (key, name, version)',
    });
    return { key: '', name: {} };
  }
  const read = new YamlFile('pack.yaml', text).read(packSchema);
  if ('value' in read) return read.value;
  problems.push(...read.problems);
  return { key: '', name: {} };
}

async function readCentreFile(dir: string, problems: PackProblem[]): Promise<Centre[]> {
  const text = await readIfThere(join(dir, 'centres.csv'));
  if (text === undefined) return [];
  const read = readCentres('centres.csv', text);
  problems.push(...read.problems);
  return read.centres;
}

async function readApprovals(
  dir: string,
  problems: PackProblem[],
): Promise<Sourced<readonly PackApproval[]> | undefined> {
  const text = await readIfThere(join(dir, 'approvals.yaml'));
  if (text === undefined) return undefined;
  const source = new YamlFile('approvals.yaml', text);
  const read = source.read(approvalsSchema);
  if ('value' in read) return { value: read.value, source };
  problems.push(...read.problems);
  return undefined;
}

async function readYamlFolder<T extends { key: string }>(
  dir: string,
  folder: string,
  schema: z.ZodType<T>,
  problems: PackProblem[],
): Promise<Map<string, Sourced<T>>> {
  const found = new Map<string, Sourced<T>>();
  for (const name of await listFolder(join(dir, folder))) {
    const file = `${folder}/${name}`;
    if (!/\.ya?ml$/.test(name)) {
      problems.push({ file, line: 1, column: 1, problem: 'is no .yaml file' });
      continue;
    }
    const source = new YamlFile(file, await readFile(join(dir, file), 'utf8'));
    const read = source.read(schema);
    if ('problems' in read) {
      problems.push(...read.problems);
      continue;
    }
    const twin = found.get(read.value.key);
    if (twin)
      problems.push(source.problem(['key'], `key "${read.value.key}" is used in ${twin.source.file} too`));
    else found.set(read.value.key, { value: read.value, source });
  }
  return found;
}

async function readMessages(dir: string, problems: PackProblem[]): Promise<Map<string, MessageTexts>> {
  const messages = new Map<string, MessageTexts>();
  for (const key of await listFolder(join(dir, 'messages'))) {
    const folder = `messages/${key}`;
    const report = (file: string, problem: string): void => {
      problems.push({ file, line: 1, column: 1, problem });
    };
    if (!definitionKey.safeParse(key).success) {
      report(folder, 'a folder of messages is named by a key: small Latin letters, digits and -');
      continue;
    }
    const texts: MessageTexts = {};
    for (const name of await listFolder(join(dir, folder))) {
      const [, locale, channel] = MESSAGE_FILE.exec(name) ?? [];
      if (locale === undefined) {
        report(`${folder}/${name}`, 'is no message text: the name must be <locale>.<sms|viber>.hbs');
        continue;
      }
      const text = await readFile(join(dir, folder, name), 'utf8');
      (texts[locale] ??= {})[channel as Channel] = text
        .replace(/^\ufeff/, '')
        .replace(/\r\n/g, '\n')
        .trimEnd();
    }
    messages.set(key, texts);
  }
  return messages;
}

/** Names in the folder, sorted; files that editors and systems hide do not count. No folder: no names. */
async function listFolder(path: string): Promise<string[]> {
  const names = await readdir(path).catch((thrown: NodeJS.ErrnoException) => {
    if (thrown.code === 'ENOENT' || thrown.code === 'ENOTDIR') return [];
    throw thrown;
  });
  return names.filter((name) => !name.startsWith('.')).sort();
}

async function readIfThere(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch((thrown: NodeJS.ErrnoException) => {
    if (thrown.code === 'ENOENT') return undefined;
    throw thrown;
  });
}
