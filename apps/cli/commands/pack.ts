import { Option, type Command } from 'commander';
import { AppError } from '#kernel/errors';
import { applyPack } from '#planning/pack/apply-pack';
import { APPROVAL_STATES, type ApprovalState } from '#planning/pack/approval.sql';
import { decideApproval, listApprovals } from '#planning/pack/approvals';
import { checkPack } from '#planning/pack/check-pack';
import { problemLine } from '#planning/pack/problem';
import { withdrawCampaign } from '#planning/pack/withdraw-campaign';
import { recordCommand } from '../command-record.js';
import { json, line, withProcess, type Context } from '../context.js';

export function addPack(program: Command, context: Context): void {
  const pack = program.command('pack').description('campaigns, surveys, messages and centres from files');
  pack
    .command('check')
    .argument('<dir>')
    .option('--json', 'for machines')
    .description('find every mistake in a pack, with file, line and column; changes nothing')
    .addHelpText('after', '\nExample:\n  vidhuk pack check templates/cnap')
    .action(async (dir: string, options: { json?: boolean }) => {
      const problems = await checkPack(dir);
      if (options.json) json(context, { problems });
      if (problems.length > 0) {
        throw new AppError('pack_invalid', problems.map(problemLine).join('\n'), { details: problems });
      }
      if (!options.json) line(context, 'The pack is sound.');
    });
  pack
    .command('apply')
    .argument('<dir>')
    .option('--publish', 'bring the campaigns into force', false)
    .option('--json', 'for machines')
    .description('write a pack into the database; what has not changed makes no new revision')
    .addHelpText('after', '\nExample:\n  vidhuk pack apply templates/cnap --publish')
    .action(async (dir: string, options: { publish: boolean; json?: boolean }) => {
      const applied = await withProcess(context, async (process) => {
        const { publish } = options;
        const done = await applyPack(process.database, dir, { publish, now: process.clock.now() });
        const definitions = done.definitions.map(({ kind, key, revision, change }) => ({ kind, key, revision, change })); // prettier-ignore
        await recordCommand(process, { action: 'pack.applied', after: { publish, definitions, centres: done.centres } }); // prettier-ignore
        return done;
      });
      if (options.json) return json(context, applied);
      for (const { kind, key, revision, change } of applied.definitions) {
        line(context, `${kind} ${key}: revision ${revision}, ${change}`);
      }
      line(context, `centres added or changed: ${applied.centres}`);
      for (const key of applied.leftOver) {
        line(context, `campaign ${key} is not in the pack any more and stays in force until: vidhuk pack withdraw ${key}`); // prettier-ignore
      }
    });
  pack
    .command('withdraw')
    .argument('<campaign>', 'its key')
    .option('--json', 'for machines')
    .description('take a campaign out of force and cancel what it has not sent yet')
    .addHelpText('after', '\nExample:\n  vidhuk pack withdraw cnap-after-visit')
    .action(async (key: string, options: { json?: boolean }) => {
      const withdrawn = await withProcess(context, async (process) => {
        const done = await withdrawCampaign(process.database, key, process.clock.now());
        const { cancelled } = done;
        await recordCommand(process, { action: 'campaign.withdrawn', on: { kind: 'campaign', id: key }, after: { cancelled } }); // prettier-ignore
        return done;
      });
      if (options.json) return json(context, withdrawn);
      line(context, `campaign ${key} is out of force; ${withdrawn.cancelled} invitations cancelled.`);
    });
  addApprovals(pack, context);
}

/** Wordings that a carrier must approve before it sends them. */
function addApprovals(pack: Command, context: Context): void {
  pack
    .command('approvals')
    .option('--json', 'for machines')
    .description(
      'the Viber texts in force and whether their wording is approved; one that is not is never sent',
    )
    .addHelpText('after', '\nExample:\n  vidhuk pack approvals')
    .action(async (options: { json?: boolean }) => {
      const approvals = await withProcess(context, ({ database }) => listApprovals(database));
      if (options.json) return json(context, { approvals });
      if (approvals.length === 0) line(context, 'No sender needs approved texts, or no text is in force.');
      for (const { sender, message, locale, revision, state, templateId, problems } of approvals) {
        const id = templateId === null ? '' : ` as ${templateId}`;
        line(context, `${sender} ${message}/${locale} revision ${revision}: ${state}${id}`);
        for (const problem of problems) line(context, `  ${problem}`);
      }
    });
  pack
    .command('approve')
    .argument('<message>', 'key of the message')
    .requiredOption('--sender <key>', 'whose carrier decided')
    .option('--locale <locale>', 'language of the text', 'uk')
    .addOption(new Option('--state <state>', 'what it decided').choices(APPROVAL_STATES).default('approved'))
    .option('--template-id <id>', "the carrier's id of the template")
    .option('--json', 'for machines')
    .description("write down a carrier's decision about the wording of the Viber text in force")
    .addHelpText(
      'after',
      '\nExample:\n  vidhuk pack approve cnap-invite --sender turbosms-viber --template-id 4711',
    )
    .action(async (message: string, options: ApproveOptions) => {
      const { sender, locale, state, templateId = null } = options;
      const decision = { sender, message, locale, state, templateId };
      await withProcess(context, ({ database, clock }) => decideApproval(database, decision, clock.now()));
      if (options.json) json(context, decision);
      else line(context, `${sender} ${message}/${locale}: ${state}`);
    });
}

interface ApproveOptions {
  readonly sender: string;
  readonly locale: string;
  readonly state: ApprovalState;
  readonly templateId?: string;
  readonly json?: boolean;
}
