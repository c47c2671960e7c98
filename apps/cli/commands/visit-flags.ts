import { InvalidArgumentError, type Command } from 'commander';
import { integrityFlags, type IntegrityFlags } from '#intake/integrity.sql';
import { json, line, withProcess, type Context } from '../context.js';

interface Options {
  readonly from: string;
  readonly to: string;
  readonly json?: boolean;
}

/** `vidhuk visits flags`: what a person should look into. */
export function addVisitFlags(visits: Command, context: Context): void {
  visits
    .command('flags')
    .requiredOption('--from <date>', 'first day on which visits finished', day)
    .requiredOption('--to <date>', 'last day, included', day)
    .option('--json', 'for machines')
    .description(
      'signs of careless or made-up records, for a person to look into; nothing is changed by them',
    )
    .addHelpText('after', '\nExample:\n  vidhuk visits flags --from 2026-03-01 --to 2026-03-31')
    .action(async ({ json: machine, ...range }: Options) => {
      const flags = await withProcess(context, ({ database }) => integrityFlags(database, range));
      if (machine) json(context, { ...range, ...flags });
      else tell(context, flags);
    });
}

function day(text: string): string {
  const at = new Date(`${text}T00:00:00Z`);
  if (!/^\d{4}-\d\d-\d\d$/.test(text) || Number.isNaN(at.getTime()) || !at.toISOString().startsWith(text)) {
    throw new InvalidArgumentError('It must be a day such as 2026-03-31.');
  }
  return text;
}

function tell(context: Context, flags: IntegrityFlags): void {
  const list = <T>(title: string, found: readonly T[], say: (one: T) => string): void => {
    line(context, `${title}: ${found.length}`);
    for (const one of found) line(context, `  ${say(one)}`);
  };
  list('one number on many visits of a day', flags.manyVisits, (one) =>
    `contact ${one.contactId} on ${one.day}: ${one.visits} visits at ${one.centres} centres`); // prettier-ignore
  list('one number at many centres', flags.manyCentres, (one) =>
    `contact ${one.contactId}: ${one.centres} centres, ${one.visits} visits`); // prettier-ignore
  list('numbers that no message reached', flags.neverDelivered, (one) =>
    `contact ${one.contactId}: ${one.undelivered} invitations undelivered`); // prettier-ignore
  list('bursts at one desk', flags.deskBursts, (one) =>
    `${one.centre}, desk ${one.desk}, ${one.day}: ${one.calls} calls ended until ${one.until.toISOString()}`); // prettier-ignore
  list('visits ahead of time', flags.aheadOfTime, (one) =>
    `${one.source}, ${one.centre}: ${one.visits} visits, the latest at ${one.latest.toISOString()}`); // prettier-ignore
}
