import { readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseEnvironment } from '#config/environment';

// Holds the sandbox's credentials, so only its owner may read it.
const MODE = 0o600;

/** Notes what `up` decided for its processes, so that commands in another terminal see the same clock and carriers. */
export async function noteRunning(dataDir: string, decided: NodeJS.ProcessEnv): Promise<void> {
  await writeFile(fileIn(dataDir), JSON.stringify(decided), { mode: MODE });
}

export async function forgetRunning(dataDir: string): Promise<void> {
  await rm(fileIn(dataDir), { force: true });
}

/** The given environment completed by what a running `up` of the same data dir decided; what is given wins. */
export async function besideUp(env: NodeJS.ProcessEnv): Promise<NodeJS.ProcessEnv> {
  const { dataDir } = parseEnvironment(env);
  const text = await readFile(fileIn(dataDir), 'utf8').catch(() => '{}');
  return { ...(JSON.parse(text) as NodeJS.ProcessEnv), ...env };
}

function fileIn(dataDir: string): string {
  return join(resolve(dataDir), 'running.json');
}
