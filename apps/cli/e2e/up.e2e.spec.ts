import { readFile } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import {
  eventually,
  freshEnvironment,
  removeSystem,
  startSystem,
  type RunningSystem,
} from '#testkit/running-system';

let at: { dir: string; env: NodeJS.ProcessEnv };
let system: RunningSystem | undefined;
beforeAll(async () => {
  at = await freshEnvironment();
});
afterEach(async () => {
  await system?.stop();
  system = undefined;
});
afterAll(() => removeSystem(at));

async function healthy(running: RunningSystem): Promise<string[]> {
  const addresses = [
    running.gateway,
    running.console,
    `http://127.0.0.1:${running.env['VIDHUK_METRICS_PORT']}`,
  ];
  const answers = await Promise.all(
    addresses.map(async (address) => (await fetch(`${address}/readyz`)).status),
  );
  return answers.map(String);
}

describe('vidhuk up', () => {
  test('starts everything, says where, and a SIGTERM ends it cleanly', async () => {
    system = await startSystem({ at });
    expect(await healthy(system)).toEqual(['200', '200', '200']);
    expect((await fetch(`${system.sandbox}/healthz`)).status).toBe(200);
    expect(system.printed()).toContain(system.console);
    expect(system.printed()).toMatch(/First sign-in admin@vidhuk\.local {3}\S{14}/);
    expect(await system.stop()).toBe(0);
    await expect(fetch(`${system.gateway}/healthz`)).rejects.toThrow();
  });

  test('a second start finds its data and does not make a second first user', async () => {
    system = await startSystem({ at });
    const { stdout } = await system.vidhuk('user', 'list', '--json');
    expect(JSON.parse(stdout)).toEqual([
      expect.objectContaining({ email: 'admin@vidhuk.local', role: 'admin' }),
    ]);
    expect(system.printed()).not.toContain('First sign-in');
  });

  test('refuses to start on taken ports and names them', async () => {
    system = await startSystem({ at });
    await expect(startSystem({ at })).rejects.toThrow(
      new RegExp(
        `stopped with 1[^]*port ${at.env['VIDHUK_GATEWAY_PORT']} is in use: set VIDHUK_GATEWAY_PORT`,
      ),
    );
  });

  test('killed without warning, its processes stop by themselves and the next start works', async () => {
    const killed = await startSystem({ at });
    killed.process.kill('SIGKILL');
    await eventually(async () => fetch(`${killed.gateway}/healthz`).then(() => undefined, () => true), 'the gateway stops'); // prettier-ignore
    await eventually(async () => fetch(`${killed.console}/healthz`).then(() => undefined, () => true), 'the console stops'); // prettier-ignore
    system = await eventually(
      async () => startSystem({ at }).catch(() => undefined),
      'a start on the same ports',
    );
    expect(await healthy(system)).toEqual(['200', '200', '200']);
  });

  test('a process that dies is started again', async () => {
    system = await startSystem({ at });
    const starts = async (): Promise<number[]> => {
      const log = await readFile(`${at.env['VIDHUK_DATA_DIR']}/logs/gateway.log`, 'utf8');
      return [...log.matchAll(/"pid":(\d+)[^\n]*"event":"gateway_started"/g)].map((match) =>
        Number(match[1]),
      );
    };
    const before = await starts();
    const pid = before.at(-1);
    if (pid === undefined) throw new Error('the gateway did not log its start');
    process.kill(pid, 'SIGKILL');
    await eventually(async () => ((await starts()).length > before.length ? true : undefined), 'it is back');
    const { gateway } = system;
    await eventually(async () => fetch(`${gateway}/readyz`).then((r) => (r.ok ? true : undefined), () => undefined), 'ready'); // prettier-ignore
    expect(system.printed()).toContain('gateway stopped (SIGKILL); starting it again');
  });

  test('a PostgreSQL that dies is started again, and everybody finds it', async () => {
    system = await startSystem({ at });
    const running = system;
    const { console: address } = running;
    const record = await readFile(`${at.env['VIDHUK_DATA_DIR']}/postgres.json`, 'utf8');
    const { cluster } = JSON.parse(record) as { cluster: string };
    const [pid] = (await readFile(`${cluster}/postmaster.pid`, 'utf8')).split('\n');
    process.kill(Number(pid), 'SIGKILL');
    await eventually(() => Promise.resolve(running.printed().includes('it was started again') || undefined), 'it is back'); // prettier-ignore
    await eventually(async () => fetch(`${address}/readyz`).then((r) => (r.ok ? true : undefined), () => undefined), 'ready'); // prettier-ignore
    expect(await healthy(system)).toEqual(['200', '200', '200']);
    expect(await system.stop()).toBe(0);
    await expect(readFile(`${cluster}/postmaster.pid`, 'utf8')).rejects.toThrow();
  });
});
