import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { testDatabase, type TestDatabase } from '#testkit/database';
import { Planner } from '../planner.js';
import { PlanningWorld } from '../testing/planning-world.js';
import { smallPack } from '../testing/small-pack.js';
import { applyPack, type AppliedPack } from './apply-pack.js';
import { withdrawCampaign } from './withdraw-campaign.js';

const NOON = new Date('2020-01-13T10:00:00Z');

let t: TestDatabase;
let world: PlanningWorld;
let planner: Planner;
let dir: string;
beforeAll(async () => {
  t = await testDatabase();
  world = new PlanningWorld(t.db);
  dir = await mkdtemp(join(tmpdir(), 'pack-'));
  for (const [file, text] of Object.entries(smallPack)) {
    await mkdir(dirname(join(dir, file)), { recursive: true });
    await writeFile(join(dir, file), text);
  }
});
afterAll(async () => {
  await t.drop();
  await rm(dir, { recursive: true });
});
beforeEach(async () => {
  await world.clear();
  await world.sender('twilio', 'sms');
  planner = new Planner(t.db, world.hash);
});

const publish = (): Promise<AppliedPack> => applyPack(t.db, dir, { publish: true, now: NOON });
const invitations = async () => {
  const { rows } = await t.db.query(
    `select v.visit_key as visit, i.cancel_reason as cancelled, string_agg(m.state, ' ' order by m.id) as messages
     from invitation i join visit v on v.id = i.visit_id join message m on m.invitation_id = i.id
     group by v.visit_key, i.cancel_reason order by 1`,
  );
  return rows;
};

describe('a campaign that is withdrawn', () => {
  test('plans nothing more, and what nobody has claimed is cancelled', async () => {
    await publish();
    await world.visit({ visitKey: 'a', person: 1, finishedAt: NOON });
    await world.visit({ visitKey: 'b', person: 2, finishedAt: NOON });
    await planner.runOnce(NOON);
    await t.db.query(
      `update message m set state = 'accepted', attempt = 1, accepted_at = $1
       from invitation i join visit v on v.id = i.visit_id where m.invitation_id = i.id and v.visit_key = 'a'`,
      [NOON],
    );
    expect(await withdrawCampaign(t.db, 'after', NOON)).toEqual({ cancelled: 1 });
    expect(await invitations()).toEqual([
      { visit: 'a', cancelled: null, messages: 'accepted' },
      { visit: 'b', cancelled: 'withdrawn', messages: 'cancelled' },
    ]);
    await world.visit({ visitKey: 'c', person: 3, finishedAt: NOON });
    await planner.runOnce(NOON);
    expect(await world.one(`select decision, reason from decision d join visit v on v.id = d.visit_id where v.visit_key = 'c'`)).toEqual({ decision: 'not_invited', reason: 'no_campaign' }); // prettier-ignore
  });

  test('comes back when its pack is published again', async () => {
    await publish();
    await withdrawCampaign(t.db, 'after', NOON);
    const again = await publish();
    expect(again.definitions.find(({ kind }) => kind === 'campaign')).toMatchObject({ revision: 1, change: 'published' }); // prettier-ignore
    await world.visit({ visitKey: 'a', person: 1, finishedAt: NOON });
    expect(await planner.runOnce(NOON)).toMatchObject({ invited: 1 });
  });

  test('waits for plans that are being made by it, so that none of them slips through', async () => {
    await publish();
    await world.visit({ visitKey: 'a', person: 1, finishedAt: NOON });
    // A planner that is stopped in the middle of its transaction, by somebody who holds its person.
    const held = t.db.dataSource.createQueryRunner();
    await held.connect();
    await held.startTransaction();
    await held.query('select from contact for update');
    const planning = planner.runOnce(NOON);
    await untilWaiting(1);
    const withdrawing = withdrawCampaign(t.db, 'after', NOON);
    await untilWaiting(2);
    await held.rollbackTransaction();
    await held.release();
    expect(await planning).toMatchObject({ invited: 1 });
    expect(await withdrawing).toEqual({ cancelled: 1 });
  });

  test('is not in force any more, so that withdrawing it again is an error', async () => {
    await publish();
    await withdrawCampaign(t.db, 'after', NOON);
    await expect(withdrawCampaign(t.db, 'after', NOON)).rejects.toMatchObject({ code: 'campaign_unknown' });
  });
});

test('a campaign that its pack does not hold any more is named, and stays in force', async () => {
  await publish();
  await rm(join(dir, 'campaigns/after.yaml'));
  await writeFile(join(dir, 'campaigns/other.yaml'), (smallPack['campaigns/after.yaml'] ?? '').replace('key: after', 'key: other')); // prettier-ignore
  expect(await publish()).toMatchObject({ leftOver: ['after'] });
  await withdrawCampaign(t.db, 'after', NOON);
  expect(await publish()).toMatchObject({ leftOver: [] });
});

/** Until that many sessions of this database wait for a lock. */
async function untilWaiting(count: number): Promise<void> {
  for (;;) {
    const { rows } = await t.db.query(
      `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
    );
    if (rows.length >= count) return;
  }
}
