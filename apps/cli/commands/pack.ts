import type { Command } from 'commander';
import { AppError } from '#kernel/errors';
import { applyPack } from '#planning/pack/apply-pack';
import { checkPack } from '#planning/pack/check-pack';
import { problemLine } from '#planning/pack/problem';
import { withdrawCampaign } from '#planning/pack/withdraw-campaign';
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
      const applied = await withProcess(context, ({ database, clock }) =>
        applyPack(database, dir, { publish: options.publish, now: clock.now() }),
      );
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
      const withdrawn = await withProcess(context, ({ database, clock }) =>
        withdrawCampaign(database, key, clock.now()),
      );
      if (options.json) return json(context, withdrawn);
      line(context, `campaign ${key} is out of force; ${withdrawn.cancelled} invitations cancelled.`);
    });
}
