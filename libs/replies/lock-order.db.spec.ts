import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { CarrierFact } from '#channels/channel';
import { testDatabase, type TestDatabase } from '#testkit/database';
import { ReplyDesk, type Sent } from '#testkit/reply-desk';
import type { Database, Queryable } from '#store/database';
import { invitationByCode } from './invitation.sql.js';
import { OptOutDesk } from './opt-out-desk.js';

let t: TestDatabase;
let desk: ReplyDesk;
beforeAll(async () => {
  t = await testDatabase();
  desk = new ReplyDesk(t.db);
  await desk.setUp();
});
afterAll(() => t.drop());

/** The database, with another in place of each of its transactions. */
function seenThrough(other: (tx: Queryable) => Queryable): Database {
  return new Proxy(t.db, {
    get(target, name) {
      if (name === 'transaction') {
        return <T>(work: (tx: Queryable) => Promise<T>) => target.transaction((tx) => work(other(tx)));
      }
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}

/** The database for a person's word, whose transaction stops before it touches messages until it is let go. */
function haltingBefore(statement: RegExp): { db: Database; reached: Promise<void>; go: () => void } {
  let go!: () => void;
  let tell!: () => void;
  const gone = new Promise<void>((resolve) => (go = resolve));
  const reached = new Promise<void>((resolve) => (tell = resolve));
  const halting = (tx: Queryable): Queryable => ({
    async query(text, values, prepareAs) {
      if (statement.test(text)) {
        tell();
        await gone;
      }
      return tx.query(text, values, prepareAs);
    },
  });
  return { db: seenThrough(halting), reached, go };
}

async function untilOneWaits(): Promise<void> {
  for (;;) {
    const { rows } = await t.db.query(
      `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
    );
    if (rows.length > 0) return;
  }
}

/** An invite whose first try ended in doubt, and that waits to go again: both its receipt and a person's word end that. */
async function goingAgain(): Promise<Sent> {
  const sent = await desk.invite();
  await t.db.query(
    `update message set state = 'queued', accepted_at = null, attempt = 1, claimed_by = 'w', claimed_at = $2 where id = $1`,
    [sent.messageId, desk.clock.now()],
  );
  return sent;
}

/** The database, which notes the statements of its transactions. */
function noting(said: string[]): Database {
  return seenThrough((tx) => ({
    query(text, values, prepareAs) {
      said.push(text);
      return tx.query(text, values, prepareAs);
    },
  }));
}

describe('what waits for a person is held once, before their invitations', () => {
  const stranger = '01234/stranger==';
  const opening = (code?: string): CarrierFact => {
    const known = { address: stranger, subscribed: false, detail: {}, ...(code ? { context: code } : {}) };
    return { kind: 'conversation_started', dedupeKey: `open ${code}`, ...known };
  };
  const refusals: [string, (db: Database, sent: Sent) => Promise<unknown>][] = [
    ['STOP by text', (db, { phone }) => new ReplyDesk(db).says(phone, 'СТОП', { dedupeKey: 'once' })],
    [
      'STOP on the page',
      async (db, { code }) => {
        const invitation = await invitationByCode(t.db, code);
        if (invitation) await new OptOutDesk(db).stop(invitation, desk.clock.now());
      },
    ],
    [
      'STOP said in the chat before the link was opened',
      async (db, { code }) => {
        await desk.says(stranger, 'СТОП', { dedupeKey: 'before' });
        await new ReplyDesk(db).receive('viber', opening(code));
      },
    ],
  ];

  test.each(refusals)('%s', async (_, refuse) => {
    const sent = await desk.invite({ state: 'queued' });
    const said: string[] = [];
    await refuse(noting(said), sent);
    const { rows } = await t.db.query('select state from message where id = $1', [sent.messageId]);
    expect(rows).toEqual([{ state: 'cancelled' }]);
    expect(said.filter((text) => /^\s*select from message where id in/.test(text))).toHaveLength(1);
  });
});

describe('a receipt and a person who speak at the same time do not wait for each other', () => {
  const words: [string, (db: Database, sent: Sent) => Promise<unknown>][] = [
    [
      'an answer on the page',
      async (db, { invitationId }) => {
        const given = [
          { questionKey: 'quality', value: 5 },
          { questionKey: 'recommend', value: 9 },
        ];
        const saved = await new ReplyDesk(db).book.save(invitationId, given, { via: 'page', at: desk.clock.now() });
        expect(saved.outcome).toBe('saved');
      },
    ],
    [
      'STOP on the page',
      async (db, { code }) => {
        const invitation = await invitationByCode(t.db, code);
        if (invitation) await new OptOutDesk(db).stop(invitation, desk.clock.now());
      },
    ],
    [
      'STOP by text',
      async (db, { phone }) => {
        const theirs = new ReplyDesk(db);
        expect([await theirs.says(phone, 'СТОП'), theirs.errors]).toEqual(['opt_out', []]);
      },
    ],
  ]; // prettier-ignore

  test.each(words)('%s', async (_, speak) => {
    const sent = await goingAgain();
    const ids = await desk.record('twilio', desk.receipt({ messageId: sent.messageId, status: 'delivered' }));
    const { db, reached, go } = haltingBefore(/^\s*update message/);
    const spoken = speak(db, sent);
    await Promise.race([reached, spoken]);
    const received = desk.applier.apply(ids);
    await untilOneWaits();
    go();
    const [, counts] = await Promise.all([spoken, received]);
    expect([counts.failed, desk.errors]).toEqual([0, []]);
    const { delivered_at } = await desk.invitation(sent.invitationId);
    expect(delivered_at).not.toBeNull();
  });
});
