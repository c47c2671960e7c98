import { InvalidArgumentError, Option, type Command } from 'commander';
import { AuditLog } from '#access/audit-log';
import { People } from '#access/people';
import { tokenList, type ApiToken } from '#access/tokens';
import { ROLES, userByEmail, userList, type User } from '#access/users';
import { Vault } from '#contacts/vault';
import { AppError } from '#kernel/errors';
import type { Role } from '#store/entities';
import type { RunningProcess } from '#store/process';
import { json, line, withProcess, type Context } from '../context.js';
import { commandActor } from '../command-record.js';

const MS_A_DAY = 24 * 3_600_000;

/** What the commands of this file work with. Lives of people and tokens run in real time, also under a virtual clock. */
interface Office extends RunningProcess {
  readonly people: People;
}

/** People and programs that may sign in. */
export function addPeople(program: Command, context: Context): void {
  const user = program.command('user').description('people who sign in to the console');
  addUserAdd(user, context);
  addUserList(user, context);
  addUserChanges(user, context);
  const token = program.command('token').description('programs that use the API');
  addTokenCreate(token, context);
  addTokenList(token, context);
}

function withOffice<T>(context: Context, work: (office: Office) => Promise<T>): Promise<T> {
  return withProcess(context, (running) => {
    const audit = new AuditLog(new Vault(running.secretKey), running.clock);
    return work({ ...running, people: new People(running.database, audit, running.clock) });
  });
}

function addUserAdd(user: Command, context: Context): void {
  user
    .command('add')
    .argument('<email>')
    .addOption(new Option('--role <role>', 'what they may do').choices(ROLES).makeOptionMandatory())
    .option('--centre <code...>', 'the only centres they see; without it, every centre')
    .option('--json', 'for machines')
    .description('add a person; prints the password, this once')
    .addHelpText('after', '\nExample:\n  vidhuk user add olena@example.ua --role analyst --centre kyiv-01')
    .action(async (email: string, options: { role: Role; centre?: string[]; json?: boolean }) => {
      const { user: added, password } = await withOffice(context, ({ people }) =>
        people.add({ email, role: options.role, centres: options.centre }, commandActor()),
      );
      if (options.json) return json(context, { ...added, password });
      line(context, `${added.email} may sign in as ${describeRole(added)} with the password ${password}`);
    });
}

function addUserList(user: Command, context: Context): void {
  user
    .command('list')
    .option('--json', 'for machines')
    .description('who may sign in')
    .addHelpText('after', '\nExample:\n  vidhuk user list')
    .action(async (options: { json?: boolean }) => {
      const users = await withProcess(context, ({ database }) => userList(database));
      if (options.json) return json(context, users);
      for (const one of users) {
        const marks = [one.secondFactor && 'second factor', one.disabledAt && 'disabled'].filter(Boolean);
        line(context, [one.email.padEnd(40), describeRole(one), ...marks].join('  '));
      }
    });
}

function addUserChanges(user: Command, context: Context): void {
  for (const [name, disabled, description] of [
    ['disable', true, 'bar a person; their sessions close at once'],
    ['enable', false, 'let a person in again'],
  ] as const) {
    user
      .command(name)
      .argument('<email>')
      .option('--json', 'for machines')
      .description(description)
      .addHelpText('after', `\nExample:\n  vidhuk user ${name} olena@example.ua`)
      .action(async (email: string, options: { json?: boolean }) => {
        const changed = await withOffice(context, async (office) =>
          office.people.change(await idOf(office, email), { disabled }, commandActor()),
        );
        if (options.json) return json(context, changed);
        line(context, `${changed.email} ${disabled ? 'may not sign in any more' : 'may sign in again'}`);
      });
  }
  user
    .command('reset')
    .argument('<email>')
    .option('--second-factor', 'also take the second factor off, for a lost phone')
    .option('--json', 'for machines')
    .description('a new password, printed this once; sessions close')
    .addHelpText('after', '\nExample:\n  vidhuk user reset olena@example.ua --second-factor')
    .action(async (email: string, options: { secondFactor?: boolean; json?: boolean }) => {
      const { user: changed, password } = await withOffice(context, async (office) =>
        office.people.reset(
          await idOf(office, email),
          { secondFactor: options.secondFactor ?? false },
          commandActor(),
        ),
      );
      if (options.json) return json(context, { ...changed, password });
      line(context, `${changed.email} may sign in with the password ${password}`);
    });
}

async function idOf({ database }: Office, email: string): Promise<string> {
  const found = await userByEmail(database, email);
  if (found) return found.id;
  throw new AppError('user_unknown', `There is no user ${email}; "vidhuk user list" names them.`, {
    status: 404,
  });
}

function describeRole({ role, centres }: Pick<User | ApiToken, 'role' | 'centres'>): string {
  return centres === null ? role : `${role} of ${centres.join(', ')}`;
}

function addTokenCreate(token: Command, context: Context): void {
  token
    .command('create')
    .addOption(new Option('--role <role>', 'what it may do').choices(ROLES).makeOptionMandatory())
    .requiredOption('--name <name>', 'which program it is for')
    .option('--centre <code...>', 'the only centres it speaks for; without it, every centre')
    .option('--days <n>', 'days until it expires; without it, never', days)
    .option('--json', 'for machines')
    .description('make a bearer token; prints it, this once')
    .addHelpText('after', '\nExample:\n  vidhuk token create --role admin --name "queue system of centre 12"')
    .action(
      async (options: { role: Role; name: string; centre?: string[]; days?: number; json?: boolean }) => {
        const { name, role, centre: centres } = options;
        const { token: made, secret } = await withOffice(context, ({ people, clock }) => {
          const expiresAt =
            options.days === undefined ? null : new Date(clock.real().getTime() + options.days * MS_A_DAY);
          return people.addToken({ name, role, centres, expiresAt }, commandActor());
        });
        if (options.json) return json(context, { ...made, token: secret });
        line(context, secret);
      },
    );
}

function addTokenList(token: Command, context: Context): void {
  token
    .command('list')
    .option('--json', 'for machines')
    .description('tokens, when each was last used and until when it holds')
    .addHelpText('after', '\nExample:\n  vidhuk token list')
    .action(async (options: { json?: boolean }) => {
      const tokens = await withProcess(context, ({ database }) => tokenList(database));
      if (options.json) return json(context, tokens);
      for (const one of tokens) {
        const times = [
          one.lastUsedAt ? `used ${one.lastUsedAt.toISOString()}` : 'never used',
          one.expiresAt && `expires ${one.expiresAt.toISOString()}`,
          one.revokedAt && 'revoked',
        ].filter(Boolean);
        line(context, [one.id.padStart(4), one.name.padEnd(30), describeRole(one), ...times].join('  '));
      }
    });
  token
    .command('revoke')
    .argument('<id>', 'as "token list" shows it')
    .option('--json', 'for machines')
    .description('end a token at once')
    .addHelpText('after', '\nExample:\n  vidhuk token revoke 12')
    .action(async (id: string, options: { json?: boolean }) => {
      if (!/^[1-9]\d{0,17}$/.test(id)) {
        throw new AppError('token_id_invalid', `"${id}" is no token's id: "vidhuk token list" shows them.`);
      }
      const revoked = await withOffice(context, ({ people }) => people.revokeToken(id, commandActor()));
      if (options.json) return json(context, revoked);
      line(context, `${revoked.name} is revoked`);
    });
}

function days(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new InvalidArgumentError('must be a whole number of days.');
  return value;
}
