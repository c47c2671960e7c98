import { InvalidArgumentError, Option, type Command } from 'commander';
import { createToken } from '#access/tokens';
import { createUser, ROLES, userList } from '#access/users';
import { randomToken } from '#kernel/ids';
import type { Role } from '#store/entities';
import { json, line, withProcess, type Context } from '../context.js';

const HOURS_A_DAY = 24;
const MS_AN_HOUR = 3_600_000;

/** People and programs that may sign in. Their lives run in real time, also under a virtual clock. */
export function addPeople(program: Command, context: Context): void {
  const user = program.command('user').description('people who sign in to the console');
  user
    .command('add')
    .argument('<email>')
    .addOption(new Option('--role <role>', 'what they may do').choices(ROLES).makeOptionMandatory())
    .option('--json', 'for machines')
    .description('add a person; prints the password, this once')
    .addHelpText('after', '\nExample:\n  vidhuk user add olena@example.ua --role analyst')
    .action(async (email: string, options: { role: Role; json?: boolean }) => {
      const password = randomToken(14);
      const added = await withProcess(context, ({ database, clock }) =>
        createUser(database, { email, password, role: options.role, now: clock.real() }),
      );
      if (options.json) return json(context, { ...added, password });
      line(context, `${added.email} may sign in as ${added.role} with the password ${password}`);
    });
  user
    .command('list')
    .option('--json', 'for machines')
    .description('who may sign in')
    .addHelpText('after', '\nExample:\n  vidhuk user list')
    .action(async (options: { json?: boolean }) => {
      const users = await withProcess(context, ({ database }) => userList(database));
      if (options.json) return json(context, users);
      for (const { email, role, disabledAt } of users) {
        line(context, `${email.padEnd(40)} ${role.padEnd(9)}${disabledAt ? ' disabled' : ''}`);
      }
    });
  addToken(program, context);
}

function addToken(program: Command, context: Context): void {
  program
    .command('token')
    .description('programs that use the API')
    .command('create')
    .addOption(new Option('--role <role>', 'what it may do').choices(ROLES).makeOptionMandatory())
    .requiredOption('--name <name>', 'which program it is for')
    .option('--days <n>', 'days until it expires; without it, never', days)
    .option('--json', 'for machines')
    .description('make a bearer token; prints it, this once')
    .addHelpText('after', '\nExample:\n  vidhuk token create --role admin --name "queue system of centre 12"')
    .action(async (options: { role: Role; name: string; days?: number; json?: boolean }) => {
      const { token, secret } = await withProcess(context, ({ database, clock }) => {
        const now = clock.real();
        const lifeMs = options.days === undefined ? undefined : options.days * HOURS_A_DAY * MS_AN_HOUR;
        const expiresAt = lifeMs === undefined ? null : new Date(now.getTime() + lifeMs);
        return createToken(database, { name: options.name, role: options.role, now, expiresAt });
      });
      if (options.json) return json(context, { ...token, token: secret });
      line(context, secret);
    });
}

function days(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new InvalidArgumentError('must be a whole number of days.');
  return value;
}
