import { InvalidArgumentError, type Command } from 'commander';
import { Retention, retentionReport, setRetention, type RetentionLine } from '#contacts/retention';
import { recordCommand } from '../command-record.js';
import { json, line, withProcess, type Context } from '../context.js';

const DAYS_AT_MOST = 36_500;

/** How long each class of personal data is kept, and the proof that it is not kept longer. */
export function addRetention(program: Command, context: Context): void {
  const retention = program.command('retention').description('how long personal data is kept');
  retention
    .command('report')
    .option('--json', 'for machines')
    .description('what each class holds, since when it may, what is overdue, and what was removed')
    .addHelpText('after', '\nExample:\n  vidhuk retention report')
    .action(async (options: { json?: boolean }) => {
      const lines = await withProcess(context, ({ database, clock }) =>
        retentionReport(database, clock.now()),
      );
      if (options.json) json(context, { classes: lines });
      else tell(context, lines);
    });
  retention
    .command('set')
    .argument('<class>', 'as the report names it')
    .argument('<days>', 'a whole number, or "forever"', days)
    .description('keep a class of data for so many days, from the next round of the workers on')
    .addHelpText('after', '\nExample:\n  vidhuk retention set free_text 180')
    .action(async (key: string, keep: number | null) => {
      await withProcess(context, async (process) => {
        await setRetention(process.database, key, keep, process.clock.now());
        await recordCommand(process, {
          action: 'retention.changed',
          on: { kind: 'class', id: key },
          after: { keepDays: keep },
        });
      });
      line(context, `${key}: kept ${words(keep)}`);
    });
  retention
    .command('run')
    .option('--json', 'for machines')
    .description('remove what is due now; the workers do so by themselves')
    .addHelpText('after', '\nExample:\n  vidhuk retention run')
    .action(async (options: { json?: boolean }) => {
      const removed = await withProcess(context, ({ database, clock }) =>
        removeAll(new Retention(database), clock.now()),
      );
      if (options.json) return json(context, { removed });
      for (const [key, pieces] of Object.entries(removed))
        line(context, `${key.padEnd(14)} ${pieces} removed`);
      if (Object.keys(removed).length === 0) line(context, 'Nothing was due.');
    });
}

/** Round after round until one removes nothing. */
async function removeAll(retention: Retention, now: Date): Promise<Record<string, number>> {
  const removed: Record<string, number> = {};
  for (;;) {
    const round = Object.entries(await retention.runOnce(now));
    if (round.length === 0) return removed;
    for (const [key, pieces] of round) removed[key] = (removed[key] ?? 0) + pieces;
  }
}

function tell(context: Context, lines: readonly RetentionLine[]): void {
  line(
    context,
    `${'class'.padEnd(14)} ${'kept'.padEnd(10)} ${'held'.padStart(9)} ${'due'.padStart(9)} ${'oldest'.padEnd(10)} removed`,
  );
  for (const { class: key, keepDays, held, due, oldestAt, removed, lastRemovedOn, holds } of lines) {
    const last = lastRemovedOn === null ? '' : `, last on ${lastRemovedOn}`;
    line(
      context,
      `${key.padEnd(14)} ${words(keepDays).padEnd(10)} ${String(held).padStart(9)} ${String(due).padStart(9)} ` +
        `${(oldestAt?.toISOString().slice(0, 10) ?? '-').padEnd(10)} ${removed}${last}   (${holds})`,
    );
  }
}

function words(keepDays: number | null): string {
  return keepDays === null ? 'for ever' : `${keepDays} days`;
}

function days(text: string): number | null {
  if (text === 'forever') return null;
  const value = Number(text);
  if (!/^\d+$/.test(text) || value > DAYS_AT_MOST) {
    throw new InvalidArgumentError('must be a whole number of days, or "forever".');
  }
  return value;
}
