import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { projectRoot } from '#config/project';
import { applyPack } from '#planning/pack/apply-pack';
import type { SimulationResult } from '#planning/simulate/simulate';
import type { Role } from '#store/entities';
import { testConsole, type TestConsole } from '../testing/console.js';

const now = new Date('2026-03-05T12:00:00Z');
let c: TestConsole;
beforeAll(async () => {
  c = await testConsole(now);
  await applyPack(c.db, join(projectRoot, 'templates', 'cnap'), { publish: true, now });
  // Ten people on Monday, one of them twice, and one on Sunday; a visit of nobody.
  for (let i = 0; i < 10; i++) {
    await c.build.path({ centre: 'kyiv-1', finishedAt: new Date(`2026-03-02T0${i % 5 + 5}:00:00Z`), phone: `+38067111000${i}`, decision: null });
  }
  await c.build.path({ centre: 'lviv-1', finishedAt: new Date('2026-03-02T11:00:00Z'), phone: '+380671110001', decision: null });
  await c.build.path({ centre: 'lviv-1', finishedAt: new Date('2026-03-01T11:00:00Z'), phone: '+380671119999', decision: null });
  await c.build.path({ centre: 'lviv-1', finishedAt: new Date('2026-03-02T11:00:00Z'), phone: null, decision: null });
}); // prettier-ignore
afterAll(() => c.close());

const ask = (body: object, as: Role = 'admin'): Promise<Response> =>
  c.as(as, '/api/v1/simulate', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
const run = async (body: object): Promise<SimulationResult> => {
  const answer = await ask(body);
  expect(answer.status).toBe(200);
  return (await answer.json()) as SimulationResult;
};
const monday = { from: '2026-03-02', to: '2026-03-02' };

describe('the campaigns in force over stored visits', () => {
  test('say what would become of each, when, and at what cost; nothing is written', async () => {
    const before = await c.db.query('select count(*)::int as n from decision');
    const result = await run({ ...monday, pack: 'cnap', partPrice: 2, by: ['centre'] });
    expect(result).toMatchObject({
      visits: 12,
      decisions: { invited: 10, control: 0, not_invited: 2 },
      reasons: { frequency_cap: 1, no_phone: 1 },
    });
    expect(result.hours.reduce((sum, { messages }) => sum + messages, 0)).toBe(10);
    expect(result.months).toMatchObject([{ month: '2026-03', invitations: 10 }]);
    const [month] = result.months;
    expect(month?.cost).toBe((month?.smsParts ?? 0) * 2);
    expect(result.groups.map(({ by, visits }) => [by.centre, visits])).toEqual([['kyiv-1', 10], ['lviv-1', 2]]);
    expect((await c.db.query('select count(*)::int as n from decision')).rows).toEqual(before.rows);
  }); // prettier-ignore

  test('a campaign given as YAML takes the place of the one of its key', async () => {
    const { rows } = await c.db.query<{ n: number }>(`select count(*)::int as n from definition`);
    const campaign = [
      'key: cnap-after-visit',
      'name: { uk: Лише Львів }',
      'when: { centres: [lviv-1] }',
      'legalBasis: public_task',
      'channels: [sms]',
      'survey: cnap-short',
      'messages: { invite: cnap-invite-short }',
    ].join('\n');
    expect(await run({ ...monday, campaign })).toMatchObject({ decisions: { invited: 1 }, reasons: { no_campaign: 10, no_phone: 1 } });
    expect((await c.db.query(`select count(*)::int as n from definition`)).rows).toEqual(rows);
  }); // prettier-ignore

  test('the days are those of the centre, both included', async () => {
    expect((await run({ from: '2026-03-01', to: '2026-03-02' })).visits).toBe(13);
    expect((await run({ from: '2026-01-01', to: '2026-01-31' })).visits).toBe(0);
  });
});

test.each<[string, object, string]>([
  ['days the wrong way round', { from: '2026-03-02', to: '2026-03-01' }, 'request_invalid'],
  ['more than a year', { from: '2025-01-01', to: '2026-03-01' }, 'request_invalid'],
  ['an unknown pack', { ...monday, pack: 'nothing' }, 'pack_unknown'],
  ['a campaign that is no YAML', { ...monday, campaign: 'key: [' }, 'campaign_invalid'],
  ['a campaign without a legal basis', { ...monday, campaign: 'key: x\nname: { uk: x }' }, 'campaign_invalid'],
  ['a survey that is not there', { ...monday, campaign: 'key: x\nname: { uk: x }\nlegalBasis: consent\nchannels: [sms]\nsurvey: nothing\nmessages: { invite: cnap-invite }' }, 'campaign_invalid'],
])('%s is refused', async (_name, body, code) => {
  const answer = await ask(body);
  expect([answer.status >= 400 && answer.status < 500, ((await answer.json()) as { code: string }).code]).toEqual([true, code]);
}); // prettier-ignore

test('a problem of the campaign is told with its line and column', async () => {
  const answer = await ask({ ...monday, campaign: 'key: x\nname: { uk: x }\nlegalBasis: whim' });
  const { errors } = (await answer.json()) as { errors: { at: string; message: string }[] };
  expect(errors.map(({ at }) => at)).toContain('3:13');
});

test('two at once: the second is told to wait', async () => {
  const answers = await Promise.all([ask(monday), ask(monday)]);
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 429]);
});

describe('a preview of a text', () => {
  const preview = (body: object, as: Role = 'admin'): Promise<Response> =>
    c.as(as, '/api/v1/templates/preview', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });

  test('shows it as it usually is and at its longest', async () => {
    const answer = await preview({ source: '{{centre}}: {{link}}', values: { centre: 'ЦНАП' } });
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({
      problems: [],
      typical: { text: 'ЦНАП: https://v.example.ua/7Qk2mZ9a', encoding: 'UCS-2', parts: 1, costly: ['Ц', 'Н', 'А', 'П'] },
      worst: { parts: 2 },
    });
  }); // prettier-ignore

  test('tells problems with line and column', async () => {
    const { problems } = (await (await preview({ source: 'Вітаємо\n{{nope}}' })).json()) as { problems: object[] };
    expect(problems).toEqual([{ line: 2, column: 1, problem: expect.stringContaining('nope') as unknown }]);
  }); // prettier-ignore

  test('is for administrators, of texts of a size', async () => {
    expect((await preview({ source: 'x' }, 'operator')).status).toBe(403);
    expect((await preview({ source: 'x'.repeat(4001) })).status).toBe(400);
    expect((await preview({ source: 'x', values: { phone: '1' } })).status).toBe(400);
  });
});
