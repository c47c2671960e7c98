import { Command } from 'commander';
import { version } from '#config/project';
import type { Context } from './context.js';

type Add = (program: Command, context: Context) => void;

/**
 * The commands by name, in the order in which help lists them. A file is loaded only for a command of its own: with
 * all of them each of the processes that `up` starts would bring up every room of the house first.
 */
const COMMANDS: readonly { readonly names: readonly string[]; readonly load: () => Promise<Add> }[] = [
  {
    names: ['up', 'worker', 'gateway', 'console', 'sandbox'],
    load: async () => (await import('./commands/processes.js')).addProcesses,
  },
  { names: ['migrate'], load: async () => (await import('./commands/migrate.js')).addMigrate },
  { names: ['keys'], load: async () => (await import('./commands/keys.js')).addKeys },
  { names: ['doctor'], load: async () => (await import('./commands/doctor.js')).addDoctor },
  { names: ['pack'], load: async () => (await import('./commands/pack.js')).addPack },
  { names: ['visits'], load: async () => (await import('./commands/visits.js')).addVisits },
  { names: ['simulate'], load: async () => (await import('./commands/simulate.js')).addSimulate },
  { names: ['report'], load: async () => (await import('./commands/report.js')).addReport },
  { names: ['compare'], load: async () => (await import('./commands/compare.js')).addCompare },
  { names: ['export'], load: async () => (await import('./commands/export.js')).addExport },
  { names: ['reply'], load: async () => (await import('./commands/reply.js')).addReply },
  { names: ['text', 'aapor'], load: async () => (await import('./commands/text.js')).addText },
  { names: ['user', 'token'], load: async () => (await import('./commands/people.js')).addPeople },
  { names: ['audit'], load: async () => (await import('./commands/audit.js')).addAudit },
  { names: ['erase', 'person'], load: async () => (await import('./commands/person.js')).addPerson },
  { names: ['suppress'], load: async () => (await import('./commands/suppress.js')).addSuppress },
  { names: ['messages'], load: async () => (await import('./commands/messages.js')).addMessages },
  { names: ['retention'], load: async () => (await import('./commands/retention.js')).addRetention },
];

/**
 * The `vidhuk` command line, with the command `first` alone where there is one of that name. Exits are left to the
 * caller: commander throws, commands throw AppErrors.
 */
export async function buildProgram(context: Context, first?: string): Promise<Command> {
  const program = new Command('vidhuk')
    .description('SMS and Viber follow-up and surveys for public service centres')
    .version(version)
    .exitOverride()
    .configureOutput({ writeOut: context.out, writeErr: context.err });
  const wanted = COMMANDS.filter(({ names }) => first !== undefined && names.includes(first));
  for (const { load } of wanted.length > 0 ? wanted : COMMANDS) (await load())(program, context);
  return program;
}
