import type { Queryable } from '#store/database';

/** Something that just happened, for the feed: no text, and a number only as ciphertext. */
export interface FeedItem {
  /** The same happening keeps its key, so that a page can tell what is new. */
  readonly key: string;
  readonly at: Date;
  /** Message kind, fact kind or `answer`. */
  readonly kind: string;
  readonly state: string;
  readonly channel: string;
  readonly centre: string | null;
  readonly timezone: string | null;
  readonly phoneCipher: Buffer | null;
}

type Centres = readonly string[] | null;

const place = `c.name as centre, c.timezone, p.phone_cipher as "phoneCipher"`;
const placeOf = `
  left join visit v on v.id = i.visit_id
  left join centre c on c.id = v.centre_id`;

/**
 * The newest happenings up to `now`, newest first. Each of the three sources is read from the end of an index, so
 * the cost does not grow with the tables; messages are found through the invitations planned last. `centres`: codes
 * of those shown; null: all. Of some centres the feed is shorter, since what happened elsewhere is left out of it.
 */
export async function feedLatest(
  db: Queryable,
  { now, limit, centres }: { now: Date; limit: number; centres: readonly string[] | null },
): Promise<FeedItem[]> {
  const found = await Promise.all([
    messageLatest(db, now, limit, centres),
    inboundLatest(db, limit, centres),
    answerLatest(db, limit, centres),
  ]);
  return found
    .flat()
    .sort((a, b) => b.at.getTime() - a.at.getTime())
    .slice(0, limit);
}

async function messageLatest(db: Queryable, now: Date, limit: number, centres: Centres): Promise<FeedItem[]> {
  const { rows } = await db.query<FeedItem>(
    `with i as (
       select planned.* from definition k cross join lateral (
         select id, visit_id, planned_at from invitation
         where campaign_id = k.id and planned_at <= $1 order by planned_at desc limit $2
       ) planned
       where k.kind = 'campaign' order by planned.planned_at desc limit $2
     )
     select 'message:' || m.id || ':' || m.state as key, coalesce(m.settled_at, m.accepted_at, m.due_at) as at,
            m.kind, m.state, m.channel, ${place}
     from i join message m on m.invitation_id = i.id
     left join contact p on p.id = m.contact_id ${placeOf}
     where m.due_at <= $1 and ($3::text[] is null or c.code = any($3)) order by at desc limit $2`,
    [now, limit, centres],
  );
  return rows;
}

/** What people did towards us; receipts show as the state of their message instead. */
async function inboundLatest(db: Queryable, limit: number, centres: Centres): Promise<FeedItem[]> {
  const { rows } = await db.query<FeedItem>(
    `select 'fact:' || f.id as key, f.happened_at as at, f.kind, 'received' as state, coalesce(s.channel, '') as channel,
            ${place}
     from (select * from carrier_fact order by id desc limit 20 * $1) f
     left join sender s on s.key = f.sender
     left join invitation i on i.id = f.invitation_id
     left join contact p on p.id = i.contact_id ${placeOf}
     where f.kind <> 'receipt' and ($2::text[] is null or c.code = any($2)) order by f.id desc limit $1`,
    [limit, centres],
  );
  return rows;
}

async function answerLatest(db: Queryable, limit: number, centres: Centres): Promise<FeedItem[]> {
  const { rows } = await db.query<FeedItem>(
    `select 'answer:' || a.invitation_id || ':' || a.question_key as key, a.answered_at as at, 'answer' as kind,
            case when a.late then 'late' else 'received' end as state, a.via as channel, ${place}
     from (select * from answer order by answered_at desc limit $1) a
     join invitation i on i.id = a.invitation_id
     left join contact p on p.id = i.contact_id ${placeOf}
     where $2::text[] is null or c.code = any($2)`,
    [limit, centres],
  );
  return rows;
}
