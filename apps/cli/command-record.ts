import { AuditLog, type AuditEntry } from '#access/audit-log';
import { Vault } from '#contacts/vault';
import type { RunningProcess } from '#store/process';
import { commandActor } from './commands/people.js';

/** Writes down what was done at the command line, by the account it was done under. */
export function recordCommand(process: RunningProcess, entry: Omit<AuditEntry, 'by'>): Promise<void> {
  const audit = new AuditLog(new Vault(process.secretKey), process.clock);
  return audit.record(process.database, { by: commandActor(), ...entry });
}
