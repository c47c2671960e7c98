import { userInfo } from 'node:os';
import { AuditLog, type Actor, type AuditEntry } from '#access/audit-log';
import { Vault } from '#contacts/vault';
import type { RunningProcess } from '#store/process';

/** Who is recorded for what is done at the command line: the account of the operating system. */
export function commandActor(): Actor {
  return { kind: 'command', id: null, name: userInfo().username, address: null };
}

/** Writes down what was done at the command line, by the account it was done under. */
export function recordCommand(process: RunningProcess, entry: Omit<AuditEntry, 'by'>): Promise<void> {
  const audit = new AuditLog(new Vault(process.secretKey), process.clock);
  return audit.record(process.database, { by: commandActor(), ...entry });
}
