import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { eventually, removeSystem, startSystem, type RunningSystem } from '#testkit/running-system';
import { virtualPhone } from '#testkit/virtual-phone';

let system: RunningSystem;
beforeAll(async () => {
  system = await startSystem({ args: ['--demo'] });
}, 120_000);
afterAll(async () => {
  await system.stop();
  await removeSystem(system);
});

interface Group {
  visits: number;
  pending: number;
  decisions: { invited: number; control: number; not_invited: number };
  reasons: Record<string, number>;
}

test('messages go out, people answer, and the ledger adds up while it moves', async () => {
  const all = ['--from', '2000-01-01', '--to', '2100-01-01', '--format', 'json'];
  const counts = await eventually(async () => {
    const { stdout } = await system.vidhuk('report', 'rates', ...all);
    const group = (JSON.parse(stdout) as { groups: { counts: Record<string, number> }[] }).groups[0];
    return group && (group.counts['I'] ?? 0) >= 5 ? group.counts : undefined;
  }, 'five completed answers');
  const { stdout } = await system.vidhuk('report', 'ledger', ...all);
  const group = (JSON.parse(stdout) as { groups: Group[] }).groups[0];
  const { invited, control, not_invited } = group?.decisions ?? { invited: 0, control: 0, not_invited: 0 };
  expect(group?.visits).toBe(invited + control + not_invited + (group?.pending ?? 0));
  expect(Object.values(group?.reasons ?? {}).reduce((sum, n) => sum + n, 0)).toBe(not_invited);
  expect(invited).toBeGreaterThan(counts['I'] ?? 0);
});

test('the phone kept for the newcomer gets one message, and nobody answers for it', async () => {
  const number = /choose (\+\d+)/.exec(system.printed())?.[1] ?? '';
  const phone = virtualPhone(system.sandbox, number);
  const invite = await phone.message((message) => message.links.length > 0);
  expect(invite.links[0]).toMatch(new RegExp(`^${system.gateway}/[1-9A-HJ-NP-Za-km-z]{8}$`));
  expect(await phone.messages('out')).toEqual([]);
});

test('the first sign-in works at the console', async () => {
  const [, email, password] = /First sign-in (\S+) +(\S+)/.exec(system.printed()) ?? [];
  expect(email).toBe('admin@vidhuk.local');
  expect(password).toMatch(/^\S{14}$/);
  const page = await fetch(system.console);
  expect(page.ok).toBe(true);
  expect(await page.text()).toContain('<form');
});
