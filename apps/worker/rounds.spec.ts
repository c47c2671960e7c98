import { expect, test } from '@jest/globals';
import { createLogger, type Logger } from '#config/logger';
import { Rounds } from './rounds.js';

function logged(): { log: Logger; events: () => string[] } {
  const lines: string[] = [];
  const log = createLogger('test', 'info', { write: (line) => void lines.push(line) });
  return { log, events: () => lines.map((line) => (JSON.parse(line) as { event: string }).event) };
}

test('a round of one name never overlaps itself, one of another name may', async () => {
  const rounds = new Rounds(logged().log);
  let open = (): void => undefined;
  const held = new Promise<void>((resolve) => (open = resolve));
  const began: string[] = [];
  const first = rounds.run('a', () => (began.push('a1'), held));
  await rounds.run('a', async () => began.push('a2'));
  await rounds.run('b', async () => began.push('b1'));
  open();
  await first;
  await rounds.run('a', async () => began.push('a3'));
  expect(began).toEqual(['a1', 'b1', 'a3']);
});

test('a failure is logged once, the work goes on being tried, and its recovery is told', async () => {
  const { log, events } = logged();
  const ended: string[] = [];
  const rounds = new Rounds(log, { ended: (name, result) => ended.push(`${name} ${result}`) });
  const fail = (): Promise<never> => Promise.reject(new Error('connection refused'));
  await rounds.run('a', fail);
  await rounds.run('a', fail);
  await rounds.run('a', async () => undefined);
  await rounds.run('a', async () => undefined);
  expect(events()).toEqual(['round_failed', 'round_recovered']);
  expect(ended).toEqual(['a failed', 'a failed', 'a ok', 'a ok']);
});

test('stopping waits for what goes on, aborts its signal and begins no more', async () => {
  const rounds = new Rounds(logged().log);
  let ended = false;
  void rounds.run('a', async () => {
    await new Promise((resolve) => rounds.signal.addEventListener('abort', resolve));
    ended = true;
  });
  await rounds.stop();
  expect(ended).toBe(true);
  let begun = false;
  await rounds.run('b', async () => (begun = true));
  expect(begun).toBe(false);
});
