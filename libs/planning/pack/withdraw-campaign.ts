import { AppError } from '#kernel/errors';
import type { Database } from '#store/database';
import { invitationCancel, invitationWaiting } from '../planning-write.sql.js';
import { definitionLock, definitionPublished, definitionWithdraw } from './definition.sql.js';

/**
 * Takes a campaign out of force: no visit is planned by it from now on, and its invitations that no worker has claimed
 * are cancelled. What went out stays answerable; reminders and thanks to those people go on. Publishing its pack
 * again brings it back, but not what was cancelled. Throws `campaign_unknown` when no such campaign is in force.
 */
export async function withdrawCampaign(
  database: Database,
  key: string,
  now: Date,
): Promise<{ cancelled: number }> {
  return database.transaction(async (tx) => {
    await definitionLock(tx);
    const campaign = (await definitionPublished(tx, 'campaign')).find((stored) => stored.key === key);
    if (!campaign) {
      throw new AppError('campaign_unknown', `There is no campaign ${key} in force.`, {
        status: 404,
        exitCode: 1,
      });
    }
    await definitionWithdraw(tx, campaign.id, now);
    const waiting = await invitationWaiting(tx, key);
    await invitationCancel(tx, waiting, 'withdrawn', now);
    return { cancelled: waiting.length };
  });
}
