import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { Supervisor } from './supervisor.js';

let dir: string;
let supervisor: Supervisor;
const notices: string[] = [];
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'vidhuk-supervisor-'));
  notices.length = 0;
});
afterEach(async () => {
  await supervisor.stop();
  await rm(dir, { recursive: true, force: true });
});

async function supervise(
  script: string,
  notice: (text: string) => void = (text) => notices.push(text),
): Promise<void> {
  const file = join(dir, 'child.mjs');
  await writeFile(file, script);
  supervisor = new Supervisor(file, dir, notice);
}

const wellBehaved = `
  process.on('SIGTERM', () => process.exit(0));
  process.stdout.write('started ' + process.argv[2] + '\\n');
  process.send({ ready: true, url: 'http://127.0.0.1:' + process.env.PORT });
`;

test('a child is started with its name and environment and reports where it listens', async () => {
  await supervise(wellBehaved);
  expect(await supervisor.start('gateway', { PORT: '4711' })).toEqual({
    name: 'gateway',
    url: 'http://127.0.0.1:4711',
  });
  await supervisor.stop();
  expect(await readFile(join(dir, 'gateway.log'), 'utf8')).toContain('started gateway');
});

test('a child that stops before it is ready fails the start with what it wrote', async () => {
  await supervise(`process.stderr.write('the reason\\n'); process.exitCode = 3;`);
  await expect(supervisor.start('console', {})).rejects.toMatchObject({
    code: 'process_failed',
    message: expect.stringMatching(/console did not start \(exit 3\)[^]*the reason/),
  });
});

test('a child that dies is started again', async () => {
  let tell: (text: string) => void = () => undefined;
  const died = new Promise<string>((resolve) => (tell = resolve));
  await supervise(
    `setInterval(() => undefined, 1000); process.on('SIGTERM', () => process.exit(0)); process.send({ ready: true, url: String(process.pid) });`,
    (text) => tell(text),
  );
  const { url } = await supervisor.start('worker', {});
  process.kill(Number(url), 'SIGKILL');
  expect(await died).toContain('worker stopped (SIGKILL); starting it again');
});
