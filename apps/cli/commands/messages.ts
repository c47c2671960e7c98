import { Option, type Command } from 'commander';
import { AuditLog } from '#access/audit-log';
import { DoubtDesk } from '#console/doubts/doubt-desk';
import { Vault } from '#contacts/vault';
import { DOUBT_REASON, type DoubtAction } from '#dispatch/doubt';
import { DOUBT_STATES, type DoubtState } from '#dispatch/doubt-list.sql';
import type { RunningProcess } from '#store/process';
import { commandActor } from '../command-record.js';
import { json, line, withProcess, type Context } from '../context.js';

const LISTED = 1_000;
/** Whoever may run commands sees every centre. */
const ALL = { centres: null };

/** Messages of which nobody knows whether they were sent, and what a person decides about them. */
export function addMessages(program: Command, context: Context): void {
  const messages = program.command('messages').description('messages in doubt');
  addList(messages, context);
  addDecision(messages, context, {
    action: 'resend',
    description: 'put a message in doubt back into the queue; the person may get it twice',
    done: 'It waits to be sent again, inside the window and unless the person refused.',
  });
  addDecision(messages, context, {
    action: 'abandon',
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
      const found = await withProcess(context, (process) => deskOf(process).page({ state, sender, limit: LISTED }, ALL));
      const rows = found.slice(0, LISTED);
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
  readonly description: string;
  readonly done: string;
}

function addDecision(messages: Command, context: Context, { action, description, done }: DecisionCommand): void {
  messages
    .command(action)
    .argument('<id>', 'of the message, as the list has it')
    .requiredOption('--reason <text>', `how it is known, in ${DOUBT_REASON.min} to ${DOUBT_REASON.max} characters; kept in the audit log`)
    .option('--json', 'for machines')
    .description(description)
    .addHelpText('after', `\nExample:\n  vidhuk messages ${action} 4711 --reason "the carrier's console does not list it"`)
    .action(async (id: string, { reason, ...options }: { reason: string; json?: boolean }) => {
      await withProcess(context, (process) => deskOf(process).decide(id, { action, reason }, ALL, commandActor()));
      if (options.json) json(context, { id, action });
      else line(context, done);
    });
} // prettier-ignore

function deskOf({ database, clock, secretKey }: RunningProcess): DoubtDesk {
  const vault = new Vault(secretKey);
  return new DoubtDesk(database, vault, new AuditLog(vault, clock), clock);
}
