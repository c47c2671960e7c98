import { Command } from 'commander';
import { version } from '#config/project';
import type { Context } from './context.js';
import { addDoctor } from './commands/doctor.js';
import { addExport } from './commands/export.js';
import { addKeys } from './commands/keys.js';
import { addMigrate } from './commands/migrate.js';
import { addPack } from './commands/pack.js';
import { addPeople } from './commands/people.js';
import { addPerson } from './commands/person.js';
import { addProcesses } from './commands/processes.js';
import { addReply } from './commands/reply.js';
import { addReport } from './commands/report.js';
import { addRetention } from './commands/retention.js';
import { addSimulate } from './commands/simulate.js';
import { addText } from './commands/text.js';
import { addVisits } from './commands/visits.js';

/** The `vidhuk` command line. Exits are left to the caller: commander throws, commands throw AppErrors. */
export function buildProgram(context: Context): Command {
  const program = new Command('vidhuk')
    .description('SMS and Viber follow-up and surveys for public service centres')
    .version(version)
    .exitOverride()
    .configureOutput({ writeOut: context.out, writeErr: context.err });
  for (const add of [
    addProcesses,
    addMigrate,
    addKeys,
    addDoctor,
    addPack,
    addVisits,
    addSimulate,
    addReport,
    addExport,
    addReply,
    addText,
    addPeople,
    addPerson,
    addRetention,
  ]) {
    add(program, context);
  }
  return program;
}
