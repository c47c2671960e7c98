import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { createUser, userCount } from '#access/users';
import type { Environment } from '#config/environment';
import { randomToken } from '#kernel/ids';
import type { RunningProcess } from '#store/process';

export interface SignIn {
  readonly email: string;
  readonly password: string;
}

const FIRST_EMAIL = 'admin@vidhuk.local';

/**
 * The first administrator: made when there are no users yet. The password is shown at that start only and is changed
 * at the first sign-in, except in a demo, which keeps it in the data dir so that every start can show it.
 */
export async function firstSignIn(process_: RunningProcess, demo: boolean): Promise<SignIn | undefined> {
  const file = join(resolve(process_.environment.dataDir), 'first-sign-in.json');
  if ((await userCount(process_.database)) > 0) {
    if (!demo) return undefined;
    return readFile(file, 'utf8').then(
      (text) => JSON.parse(text) as SignIn,
      () => undefined,
    );
  }
  const signIn = { email: FIRST_EMAIL, password: randomToken(14) };
  const now = process_.clock.real();
  await createUser(process_.database, { ...signIn, role: 'admin', given: !demo, now });
  if (demo) {
    await writeFile(file, JSON.stringify(signIn), { mode: 0o600 });
    await chmod(file, 0o600);
  }
  return signIn;
}

/** The lines a newcomer sees when everything runs. */
export function printAddresses(
  print: (text: string) => void,
  environment: Environment,
  what: { signIn: SignIn | undefined; sandboxed: boolean; demoPhone: string | undefined },
): void {
  const local = (port: number): string => `http://127.0.0.1:${port}`;
  print('');
  print('Vidhuk is running.');
  print(
    `  Console       ${local(environment.ports.console)}   funnel, ledger, messages and answers as they happen`,
  );
  if (what.sandboxed)
    print(`  Phones        ${local(environment.ports.sandbox)}   the sandbox carriers' virtual phones`);
  print(`  Survey pages  ${environment.publicUrl ?? local(environment.ports.gateway)}`);
  print(`  API           ${local(environment.ports.console)}/api/docs`);
  if (what.signIn) print(`  First sign-in ${what.signIn.email}   ${what.signIn.password}`);
  if (environment.clock)
    print(`  Clock         virtual, ${environment.clock.speed} times as fast as real time`);
  print(`  Logs          ${join(environment.dataDir, 'logs')}`);
  print('');
  print('What to try next:');
  if (what.demoPhone !== undefined) {
    print(
      `  1. Open the phones and choose ${what.demoPhone}: an invitation is there. Open its link and answer.`,
    );
    print('  2. Answer by text instead: type 5, or СТОП, into that phone.');
    print('  3. Sign in to the console and watch the response rate move.');
    print(
      '  4. In a second terminal: node dist/apps/cli/main.js report rates --from 2000-01-01 --to 2100-01-01',
    );
  } else {
    print('  1. vidhuk pack apply templates/cnap --publish');
    print('  2. vidhuk visits import FILE --source KEY --mapping FILE');
    print('  3. vidhuk doctor');
  }
  print('Stop with Ctrl-C.');
  print('');
}
