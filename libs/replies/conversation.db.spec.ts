import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { isSuppressed } from '#contacts/suppression.sql';
import { testDatabase, type TestDatabase } from '#testkit/database';
import { ReplyDesk, type Sent } from '#testkit/reply-desk';

let t: TestDatabase;
let desk: ReplyDesk;
beforeAll(async () => {
  t = await testDatabase();
  desk = new ReplyDesk(t.db);
  await desk.setUp();
});
afterAll(() => t.drop());

const suppressed = ({ phone }: Sent, channel: 'sms' | 'viber' = 'sms'): Promise<boolean> =>
  isSuppressed(t.db, desk.builders.vault.phoneHash(phone), channel);

describe('a survey answered by text', () => {
  test('goes from question to question and ends with thanks', async () => {
    const { phone, invitationId } = await desk.invite();
    expect(await desk.says(phone, 'п’ять')).toBe('answer');
    expect(await desk.sendAll(invitationId)).toEqual(['question:recommend']);
    expect(await desk.says(phone, '10')).toBe('answer');
    expect(await desk.sendAll(invitationId)).toEqual(['question:comment']);
    expect(await desk.says(phone, 'Усе швидко')).toBe('answer');
    expect(await desk.sendAll(invitationId)).toEqual(['thanks']);
    expect(await desk.answers(invitationId)).toEqual({ quality: 5, recommend: 10, comment: 'Усе швидко' });
    expect(await desk.invitation(invitationId)).toMatchObject({ completed_via: 'sms' });
  });

  test('asks the follow-up that a bad mark opens, and takes several reasons', async () => {
    const { phone, invitationId } = await desk.invite();
    await desk.says(phone, '2 грубо');
    expect(await desk.sendAll(invitationId)).toEqual(['question:reason']);
    await desk.says(phone, '1, 2');
    expect(await desk.answers(invitationId)).toEqual({ quality: 2, reason: ['queue', 'staff'] });
  });

  test('keeps what was said beside the answer, sealed', async () => {
    const { phone } = await desk.invite();
    await desk.says(phone, '5 дякую за роботу', { dedupeKey: 'beside' });
    const row = await desk.row<{ text_cipher: Buffer }>(`select text_cipher from carrier_fact where dedupe_key = 'beside'`);
    expect(desk.builders.vault.open(row.text_cipher)).toBe('5 дякую за роботу');
  }); // prettier-ignore

  test('ends in silence when the campaign has no thanks', async () => {
    const { phone, invitationId } = await desk.invite({ thanks: false });
    for (const words of ['4', '7', '-']) {
      await desk.sendAll(invitationId);
      await desk.says(phone, words);
    }
    expect(await desk.sendAll(invitationId)).toEqual([]);
    expect((await desk.invitation(invitationId))['completed_at']).toBeInstanceOf(Date);
    expect(await desk.answers(invitationId)).toEqual({ quality: 4, recommend: 7, comment: null });
  });

  test('the thanks are written with the values of the invite', async () => {
    const { phone, invitationId } = await desk.invite();
    for (const words of ['4', '7', 'ні']) {
      await desk.says(phone, words);
      if (words !== 'ні') await desk.sendAll(invitationId);
    }
    const thanks = await desk.row<{ content: object; priority: number; template_id: string }>(
      `select * from message where invitation_id = $1 and kind = 'thanks'`,
      invitationId,
    );
    expect(thanks).toMatchObject({
      content: { fields: { centre: 'ЦНАП', deadline: '9 березня' } },
      priority: 0,
    });
    expect(thanks.template_id).not.toBeNull();
  });

  test('repeats a question once, then is silent', async () => {
    const { phone, invitationId } = await desk.invite();
    expect(await desk.says(phone, '3.5')).toBe('unclear');
    expect(await desk.sendAll(invitationId)).toEqual(['reask:quality']);
    expect(await desk.says(phone, 'чекала 2 години')).toBe('comment');
    expect(await desk.sendAll(invitationId)).toEqual([]);
    expect(await desk.says(phone, '4')).toBe('answer');
    expect(await desk.sendAll(invitationId)).toEqual(['question:recommend']);
    expect(await desk.says(phone, 'хз')).toBe('unclear');
    expect(await desk.sendAll(invitationId)).toEqual(['reask:recommend']);
  });

  test('a mark sent twice in a row does not answer the question that is still on its way', async () => {
    const { phone, invitationId } = await desk.invite();
    await desk.says(phone, '5');
    await desk.says(phone, '5');
    expect(await desk.answers(invitationId)).toEqual({ quality: 5 });
    expect(await desk.sendAll(invitationId)).toEqual(['question:recommend']);
  });

  test('an answer to what was asked here counts, although the page went on meanwhile', async () => {
    const { phone, invitationId } = await desk.invite();
    await desk.says(phone, '4');
    await desk.sendAll(invitationId);
    await desk.book.save(invitationId, [{ questionKey: 'recommend', value: 3 }], { via: 'page', at: desk.clock.now() });
    await desk.says(phone, '9');
    expect(await desk.answers(invitationId)).toEqual({ quality: 4, recommend: 9 });
  }); // prettier-ignore

  test('thanks come once, after the remark, however the marks were given', async () => {
    const { phone, invitationId } = await desk.invite();
    const marks = [{ questionKey: 'quality', value: 5 }, { questionKey: 'recommend', value: 9 }];
    await desk.says(phone, '4');
    await desk.sendAll(invitationId);
    await desk.book.save(invitationId, marks, { via: 'page', at: desk.clock.now() });
    expect(await desk.says(phone, '10')).toBe('answer');
    expect(await desk.sendAll(invitationId)).toEqual(['question:comment']);
    expect((await desk.invitation(invitationId))['completed_at']).toBeInstanceOf(Date);
    expect(await desk.says(phone, 'Усе добре')).toBe('answer');
    expect(await desk.says(phone, 'і ще одне')).toBe('after_completion');
    expect(await desk.sendAll(invitationId)).toEqual(['thanks']);
    expect(await desk.answers(invitationId)).toEqual({ quality: 5, recommend: 10, comment: 'Усе добре' });
  }); // prettier-ignore

  test('words to a survey that the page completed are no remark to a question nobody saw here', async () => {
    const { phone, invitationId } = await desk.invite();
    await desk.book.save(invitationId, [{ questionKey: 'quality', value: 5 }, { questionKey: 'recommend', value: 9 }], { via: 'page', at: desk.clock.now() });
    expect(await desk.says(phone, 'дякую')).toBe('after_completion');
    expect(await desk.says(phone, '1')).toBe('after_completion');
    expect(await desk.sendAll(invitationId)).toEqual([]);
    expect(await desk.answers(invitationId)).toEqual({ quality: 5, recommend: 9 });
  }); // prettier-ignore

  test('what is written after the last answer changes nothing and is not answered', async () => {
    const { phone, invitationId } = await desk.invite({ thanks: false });
    const at = desk.clock.now();
    await desk.book.save(invitationId, [{ questionKey: 'quality', value: 5 }, { questionKey: 'recommend', value: 9 }, { questionKey: 'comment', value: null }], { via: 'page', at });
    expect(await desk.says(phone, '1')).toBe('after_completion');
    expect(await desk.says(phone, 'дякую')).toBe('after_completion');
    expect(await desk.answers(invitationId)).toMatchObject({ quality: 5 });
    expect(await desk.sendAll(invitationId)).toEqual([]);
  }); // prettier-ignore

  test('an answer after the end is kept and marked late, and the person is told once', async () => {
    const { phone, invitationId } = await desk.invite();
    await t.db.query('update invitation set expires_at = $2 where id = $1', [invitationId, desk.clock.now()]);
    expect(await desk.says(phone, '5')).toBe('late_answer');
    expect(await desk.says(phone, '4 дякую')).toBe('late_answer');
    expect(await desk.sendAll(invitationId)).toEqual(['notice:closed']);
    const { rows } = await t.db.query('select value, late from answer where invitation_id = $1 order by question_key', [invitationId]);
    expect(rows).toContainEqual({ value: 5, late: true });
  }); // prettier-ignore
});

describe('which invitation a text belongs to', () => {
  test('the latest one that has not expired', async () => {
    const older = await desk.invite();
    desk.clock.advance(3_600_000);
    const newer = await desk.invite({ phone: older.phone });
    await t.db.query('update message set accepted_at = $2 where id = $1', [newer.messageId, desk.clock.now()]);
    await desk.says(older.phone, '5');
    expect(await desk.answers(newer.invitationId)).toEqual({ quality: 5 });
    await t.db.query('update invitation set expires_at = $2 where id = $1', [newer.invitationId, desk.clock.now()]);
    await desk.says(older.phone, '2');
    expect(await desk.answers(older.invitationId)).toEqual({ quality: 2 });
  }); // prettier-ignore

  test('the one the person had before them, when the carrier tells', async () => {
    const older = await desk.invite();
    desk.clock.advance(3_600_000);
    const newer = await desk.invite({ phone: older.phone });
    await t.db.query('update message set accepted_at = $2 where id = $1', [
      newer.messageId,
      desk.clock.now(),
    ]);
    await desk.says(older.phone, '3', { detail: { afterMessage: older.messageId } });
    expect(await desk.answers(older.invitationId)).toEqual({ quality: 3 });
    const stranger = await desk.invite();
    await desk.says(stranger.phone, '1', { detail: { afterMessage: older.messageId } });
    expect(await desk.answers(stranger.invitationId)).toEqual({ quality: 1 });
  });

  test('not one that was never sent', async () => {
    const { phone, invitationId } = await desk.invite({ state: 'queued' });
    expect(await desk.says(phone, '5')).toBe('unclear');
    expect(await desk.answers(invitationId)).toEqual({});
  });

  test('not one of somebody else', async () => {
    await desk.invite();
    expect(await desk.says('+380991234567', '5')).toBe('unclear');
    expect(await desk.says('+380991234567', 'Добрий день, коли ви працюєте')).toBe('stranger');
  });
});

describe('a stop', () => {
  test.each(['СТОП', 'Не пишіть мені!', 'ыещз'])(
    '%j ends everything, on every channel, and is confirmed once',
    async (words) => {
      const sent = await desk.invite();
      const { phone, invitationId, contactId } = sent;
      await desk.builders.message(invitationId, { kind: 'reminder', priority: 6 });
      expect(await desk.says(phone, words)).toBe('opt_out');
      expect(await desk.says(phone, words)).toBe('opt_out');
      expect([await suppressed(sent), await suppressed(sent, 'viber')]).toEqual([true, true]);
      expect((await desk.invitation(invitationId))['refused_at']).toBeInstanceOf(Date);
      expect(await desk.sendAll(invitationId)).toEqual(['notice:opted_out']);
      const { rows } = await t.db.query(
        `select state, reason from message where contact_id = $1 and kind = 'reminder'`,
        [contactId],
      );
      expect(rows).toEqual([{ state: 'cancelled', reason: 'opted_out' }]);
    },
  );

  test('is not confirmed by us when the carrier did, nor by a sender that cannot write back', async () => {
    const one = await desk.invite();
    await desk.says(one.phone, 'stop', { carrierKeyword: 'stop' });
    expect(await suppressed(one)).toBe(true);
    expect(await desk.sendAll(one.invitationId)).toEqual([]);
    const two = await desk.invite({ sender: 'oneway' });
    await desk.receive('oneway', {
      kind: 'text', dedupeKey: 'oneway', externalId: 'x', address: two.phone, text: 'стоп', detail: {},
    }); // prettier-ignore
    expect(await suppressed(two)).toBe(true);
    expect(await desk.sendAll(two.invitationId)).toEqual([]);
  });

  test('closes an invitation of the person that has not gone out yet', async () => {
    const first = await desk.invite();
    const second = await desk.invite({ phone: first.phone, state: 'queued' });
    await desk.says(first.phone, 'стоп');
    expect(await desk.invitation(second.invitationId)).toMatchObject({ cancel_reason: 'opted_out', refused_at: null });
  }); // prettier-ignore

  test('is never an answer, and a finished survey stays finished', async () => {
    const { phone, invitationId } = await desk.invite();
    await desk.says(phone, '5');
    await desk.sendAll(invitationId);
    await desk.says(phone, 'стоп');
    expect(await desk.answers(invitationId)).toEqual({ quality: 5 });
  });

  test('holds for a number that we never wrote to', async () => {
    expect(await desk.says('+380997654321', 'STOP')).toBe('opt_out');
    expect(await isSuppressed(t.db, desk.builders.vault.phoneHash('+380997654321'), 'sms')).toBe(true);
  });

  test('is lifted by a start, and YES means start only then', async () => {
    const sent = await desk.invite();
    expect(await desk.says(sent.phone, 'YES')).toBe('unclear');
    await desk.says(sent.phone, 'стоп');
    expect(await desk.says(sent.phone, 'YES')).toBe('opt_in');
    expect(await suppressed(sent)).toBe(false);
    expect(await desk.sendAll(sent.invitationId)).toContain('notice:opted_in');
  });

  test('after it answers still count, but nothing is asked', async () => {
    const { phone, invitationId } = await desk.invite();
    await desk.says(phone, 'стоп');
    await desk.sendAll(invitationId);
    expect(await desk.says(phone, '2')).toBe('answer');
    expect(await desk.answers(invitationId)).toEqual({ quality: 2 });
    expect(await desk.sendAll(invitationId)).toEqual([]);
  });
});

test('a wrong number is noted, excused once, and never written to again', async () => {
  const sent = await desk.invite();
  expect(await desk.says(sent.phone, 'Ви помилились номером')).toBe('wrong_number');
  expect(await desk.says(sent.phone, 'не той номер')).toBe('wrong_number');
  expect(await desk.sendAll(sent.invitationId)).toEqual(['notice:wrong_number']);
  expect(await desk.invitation(sent.invitationId)).toMatchObject({ refused_at: null, wrong_number_at: expect.any(Date) as unknown });
  const { rows } = await t.db.query('select reason from suppression where address_hash = $1', [desk.builders.vault.phoneHash(sent.phone)]);
  expect(rows).toEqual([{ reason: 'wrong_number' }]);
}); // prettier-ignore

test('a person who was never there is taken out of the sample and not asked again', async () => {
  const { phone, invitationId } = await desk.invite();
  expect(await desk.says(phone, 'я там не була')).toBe('never_visited');
  expect((await desk.invitation(invitationId))['ineligible_at']).toBeInstanceOf(Date);
  expect(await desk.sendAll(invitationId)).toEqual([]);
});

test('help is given, but not over and over within an hour', async () => {
  const { phone, invitationId } = await desk.invite();
  expect(await desk.says(phone, 'Хто це?')).toBe('help');
  expect(await desk.says(phone, 'допомога')).toBe('help');
  expect(await desk.sendAll(invitationId)).toEqual(['notice:help']);
  desk.clock.advance(3_600_001);
  await desk.says(phone, '?');
  expect(await desk.sendAll(invitationId)).toEqual(['notice:help']);
});

test('facts of a sender that is not set up wait for it', async () => {
  const { phone } = await desk.invite();
  await desk.record('twilio', { kind: 'text', dedupeKey: 'early', externalId: 'e', address: phone, text: '5', detail: {} });
  await t.db.query(`update carrier_fact set sender = 'later' where dedupe_key = 'early'`);
  desk.clock.advance(10_000);
  expect((await desk.applier.applyPending()).failed).toBe(1);
  expect(desk.errors).toHaveLength(1);
  await t.db.query(`update carrier_fact set sender = 'twilio' where dedupe_key = 'early'`);
  expect(await desk.applier.applyPending()).toMatchObject({ applied: 1, failed: 0 });
}); // prettier-ignore
