import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { besideUp, forgetRunning, noteRunning } from './running-up.js';

const CLOCK = { VIDHUK_CLOCK: '2020-01-13T08:00:00Z@60' };
const key = Buffer.alloc(32, 1).toString('base64');

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'vidhuk-beside-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

test('a command beside a running up has its clock, and keeps what it was given', async () => {
  await noteRunning(dir, undefined, { ...CLOCK, VIDHUK_PUBLIC_URL: 'http://127.0.0.1:1' });
  const env = { VIDHUK_DATA_DIR: dir, VIDHUK_PUBLIC_URL: 'http://127.0.0.1:2' };
  expect(await besideUp(env)).toEqual({ ...env, ...CLOCK });
  expect((await stat(join(dir, 'running.json'))).mode & 0o077).toBe(0);
});

test('an orderly stop leaves nothing to borrow', async () => {
  await noteRunning(dir, undefined, CLOCK);
  await forgetRunning(dir);
  expect(await besideUp({ VIDHUK_DATA_DIR: dir })).toEqual({ VIDHUK_DATA_DIR: dir });
});

test('a killed up has no say any more', async () => {
  await noteRunning(dir, undefined, CLOCK);
  const file = join(dir, 'running.json');
  const note = JSON.parse(await readFile(file, 'utf8')) as object;
  // No process has a number above the kernel's largest.
  await writeFile(file, JSON.stringify({ ...note, pid: 2 ** 22 + 1 }));
  expect(await besideUp({ VIDHUK_DATA_DIR: dir })).toEqual({ VIDHUK_DATA_DIR: dir });
});

test('a demo lends its clock to no other database', async () => {
  await noteRunning(dir, undefined, CLOCK);
  const env = { VIDHUK_DATA_DIR: dir, DATABASE_URL: 'postgres://h/d', VIDHUK_SECRET_KEY: key };
  expect(await besideUp(env)).toEqual(env);
});
