import { Option, type Command } from 'commander';
import { maskPhone, Vault } from '#contacts/vault';
import { decideDoubt, type DoubtAction } from '#dispatch/doubt';
import { doubtById, doubtPage, DOUBT_STATES, type DoubtState } from '#dispatch/doubt-list.sql';
import { AppError } from '#kernel/errors';
import { AuditLog } from '#access/audit-log';
import { commandActor } from '../command-record.js';
import { json, line, withProcess, type Context } from '../context.js';

const LISTED = 1_000;

/** Messages of which nobody knows whether they were sent, and what a person decides about them. */
export function addMessages(program: Command, context: Context): void {
  const messages = program.command('messages').description('messages in doubt');
  addList(messages, context);
  addDecision(messages, context, {
    action: 'resend',
    recorded: 'message.resent',
    description: 'put a message in doubt back into the queue; the person may get it twice',
    done: 'It waits to be sent again, inside the window and unless the person refused.',
  });
  addDecision(messages, context, {
    action: 'abandon',
    recorded: 'message.given_up',
    description: 'give a message in doubt up at once',
    done: 'It is given up.',
  });
}

function addList(messages: Command, context: Context): void {
  messages
    .command('list')
    .addOption(new Option('--state <state>', 'in doubt now, or given up').choices(DOUBT_STATES).default('uncertain'))
    .option('--sender <key>', 'of this sender only')
    .option('--json', 'for machines')
    .description(`the newest ${LISTED} messages in doubt, or given up; numbers are masked`)
    .addHelpText('after', '\nExample:\n  vidhuk messages list --state abandoned')
    .action(async (options: { state: DoubtState; sender?: string; json?: boolean }) => {
      const { state, sender } = options;
      const rows = await withProcess(context, async ({ database, secretKey }) => {
        const vault = new Vault(secretKey);
        const found = await doubtPage(database, { state, sender, limit: LISTED });
        return found.slice(0, LISTED).map(({ phoneCipher, ...one }) => ({
          ...one,
          phone: phoneCipher && maskPhone(vault.open(phoneCipher)),
        }));
      });
      if (options.json) return json(context, rows);
      if (rows.length === 0) return line(context, 'None.');
      for (const { id, sentAt, kind, sender: by, phone, centre, reason } of rows) {
        const who = (phone ?? '(no number)').padEnd(18);
        line(context, `${id.padStart(10)}  ${sentAt.toISOString()}  ${by.padEnd(14)} ${kind.padEnd(9)} ${who} ${centre ?? '-'}  ${reason ?? ''}`); // prettier-ignore
      }
    });
} // prettier-ignore

interface DecisionCommand {
  readonly action: DoubtAction;
  readonly recorded: string;
  readonly description: string;
  readonly done: string;
}

function addDecision(messages: Command, context: Context, { action, recorded, description, done }: DecisionCommand): void {
  messages
    .command(action)
    .argument('<id>', 'of the message, as the list has it')
    .requiredOption('--reason <text>', 'how it is known; kept in the audit log')
    .option('--json', 'for machines')
    .description(description)
    .addHelpText('after', `\nExample:\n  vidhuk messages ${action} 4711 --reason "the carrier's console does not list it"`)
    .action(async (id: string, { reason, ...options }: { reason: string; json?: boolean }) => {
      if (reason.trim() === '') throw new AppError('reason_missing', 'Say with --reason how it is known.');
      await withProcess(context, async ({ database, clock, secretKey }) =>
        database.transaction(async (tx) => {
          const row = /^[1-9]\d{0,17}$/.test(id) ? await doubtById(tx, id) : undefined;
          if (!row) throw new AppError('not_found', `There is no message ${id} that was sent; "vidhuk messages list" names them.`, { status: 404, exitCode: 1 });
          await decideDoubt(tx, row, action, clock.now());
          const after = { reason, attempt: row.attempt, sender: row.sender, invitation: row.invitation };
          const audit = new AuditLog(new Vault(secretKey), clock);
          await audit.record(tx, { by: commandActor(), action: recorded, on: { kind: 'message', id }, after });
        }),
      );
      if (options.json) json(context, { id, action });
      else line(context, done);
    });
} // prettier-ignore
