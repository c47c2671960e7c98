import type { Command } from 'commander';
import { AuditLog } from '#access/audit-log';
import { auditPage } from '#access/audit.sql';
import { Vault } from '#contacts/vault';
import { AppError } from '#kernel/errors';
import { json, line, withProcess, type Context } from '../context.js';

/** What people changed and looked at, and whether the record of it is whole. */
export function addAudit(program: Command, context: Context): void {
  const audit = program.command('audit').description('who changed and looked at what');
  addList(audit, context);
  addVerify(audit, context);
}

function addList(audit: Command, context: Context): void {
  audit
    .command('list')
    .option('--actor <name>', 'e-mail address, token name or account')
    .option('--action <action>', 'such as number.seen')
    .option('--subject <kind[:id]>', 'what it was done to, such as user:12')
    .option('--limit <n>', 'how many, newest first', '50')
    .option('--json', 'for machines')
    .description('entries, newest first')
    .addHelpText('after', '\nExample:\n  vidhuk audit list --action number.seen --limit 20')
    .action(
      async (options: {
        actor?: string;
        action?: string;
        subject?: string;
        limit: string;
        json?: boolean;
      }) => {
        const { actor, action, subject } = options;
        const limit = Number(options.limit);
        if (!Number.isInteger(limit) || limit < 1 || limit > 10_000) {
          throw new AppError('limit_invalid', '--limit is a whole number from 1 to 10,000.');
        }
        const rows = await withProcess(context, ({ database }) =>
          auditPage(database, { actor, action, subject, limit, olderThan: undefined }),
        );
        const entries = rows.slice(0, limit);
        if (options.json) return json(context, entries);
        for (const entry of entries) {
          const on = entry.subjectKind === null ? '' : `${entry.subjectKind}:${entry.subjectId}`;
          line(context, [entry.happenedAt.toISOString(), entry.actorName, entry.action, on, entry.address ?? ''].join('  ')); // prettier-ignore
        }
      },
    );
}

function addVerify(audit: Command, context: Context): void {
  audit
    .command('verify')
    .option(
      '--expect <id:hash>',
      'the head that an earlier verify printed: shows whether the end was cut off',
    )
    .option('--json', 'for machines')
    .description('read the whole chain; exit 1 when an entry was changed, removed or forged')
    .addHelpText('after', '\nExample:\n  vidhuk audit verify --expect 4711:9f2c…')
    .action(async (options: { expect?: string; json?: boolean }) => {
      const expected = options.expect === undefined ? undefined : headOf(options.expect);
      const state = await withProcess(context, ({ database, secretKey, clock }) =>
        new AuditLog(new Vault(secretKey), clock).verify(database, expected),
      );
      if (options.json) json(context, state);
      else {
        line(
          context,
          `${state.entries} entries, head ${state.head ? `${state.head.id}:${state.head.hash}` : 'none'}`,
        );
        for (const { id, what } of state.faults) line(context, `entry ${id}: ${what}`);
      }
      if (state.faults.length > 0) {
        throw new AppError('audit_broken', 'The audit log does not fit together: somebody changed it.', {
          exitCode: 1,
        });
      }
    });
}

function headOf(text: string): { id: string; hash: string } {
  const [, id, hash] = /^(\d{1,18}):([0-9a-f]{64})$/.exec(text) ?? [];
  if (id !== undefined && hash !== undefined) return { id, hash };
  throw new AppError('head_invalid', '--expect is id:hash, as "audit verify" prints it.');
}
