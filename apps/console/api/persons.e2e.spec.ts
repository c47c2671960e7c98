import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { isSuppressed } from '#contacts/suppression.sql';
import { testConsole, type TestConsole } from '../testing/console.js';

let c: TestConsole;
const PHONE = '+380671234567';
beforeAll(async () => {
  c = await testConsole(new Date('2026-03-02T12:00:00Z'));
});
afterAll(() => c.close());

const post = (
  path: string,
  body: object,
  role: 'admin' | 'operator' | 'analyst' = 'admin',
): Promise<Response> =>
  c.as(role, `/api/v1/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

/** Actions in the audit log, with all that they say. */
async function recorded(): Promise<{ actions: string[]; text: string }> {
  const { rows } = await c.db.query<{ action: string }>('select * from audit_entry order by id');
  return { actions: rows.map(({ action }) => action), text: JSON.stringify(rows) };
}

describe('what a person may ask of us', () => {
  test('is told, done and recorded, and the record does not say whom it was about', async () => {
    await c.build.path({ phone: PHONE, answers: { quality: 5, comment: 'дякую' } });
    const told = await post('persons/export', { phone: '067 123 45 67' });
    expect(told.status).toBe(200);
    expect(await told.json()).toMatchObject({
      found: true,
      phone: PHONE,
      visits: [{ invitation: { answers: expect.arrayContaining([expect.objectContaining({ value: 'дякую' })]) } }],
    });
    const erased = await post('persons/erase', { phone: PHONE });
    expect(await erased.json()).toMatchObject({ found: true, went: expect.arrayContaining([expect.objectContaining({ table: 'contact', rows: 1 })]) });
    expect(await (await post('persons/export', { phone: PHONE })).json()).toMatchObject({ found: false, visits: [] });
    const { actions, text } = await recorded();
    expect(actions).toEqual(['person.exported', 'person.erased', 'person.exported']);
    expect(text).not.toContain('671234567');
  }); // prettier-ignore

  test.each<[object, string]>([
    [{}, 'request_invalid'],
    [{ phone: PHONE, code: 'abcdefgh' }, 'request_invalid'],
    [{ phone: 'not a number' }, 'phone_unreadable'],
    [{ code: '0OIl' }, 'code_unreadable'],
  ])('%j is refused', async (body, code) => {
    const answer = await post('persons/erase', body);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ code });
  });

  test.each(['operator', 'analyst'] as const)('is nothing for the role %s', async (role) => {
    expect((await post('persons/export', { phone: PHONE }, role)).status).toBe(403);
    expect((await post('persons/erase', { phone: PHONE }, role)).status).toBe(403);
  });
});

describe('the list of people who are not written to', () => {
  const hash = (phone: string): Buffer => c.build.vault.phoneHash(phone);

  test('an operator adds somebody, once, and nobody takes them off', async () => {
    const phone = '+380501112233';
    await c.build.contact(phone);
    expect(await (await post('suppressions', { phone: '050 111 22 33' }, 'operator')).json()).toEqual({ added: true });
    expect(await (await post('suppressions', { phone }, 'operator')).json()).toEqual({ added: false });
    expect(await isSuppressed(c.db, hash(phone), 'sms')).toBe(true);
    expect(await isSuppressed(c.db, hash(phone), 'viber')).toBe(true);
    for (const method of ['DELETE', 'PUT', 'PATCH'] as const) {
      expect((await c.as('admin', '/api/v1/suppressions', { method })).status).toBe(404);
    }
    const listed = (await (await c.as('admin', '/api/v1/suppressions')).json()) as { items: object[] };
    expect(listed.items[0]).toMatchObject({ phone: '+380••••••233', channel: null, reason: 'operator', via: 'operator' });
    const { actions, text } = await recorded();
    expect(actions.filter((action) => action === 'suppression.added')).toHaveLength(2);
    expect(text).not.toContain('501112233');
  }); // prettier-ignore

  test('one channel alone may be named; a number that cannot be read is refused', async () => {
    const phone = '+380501112244';
    await post('suppressions', { phone, channel: 'viber' });
    expect(await isSuppressed(c.db, hash(phone), 'sms')).toBe(false);
    expect(await isSuppressed(c.db, hash(phone), 'viber')).toBe(true);
    expect((await post('suppressions', { phone: '12' })).status).toBe(400);
    expect((await post('suppressions', { phone, channel: 'fax' })).status).toBe(400);
  });
});
