import type pg from 'pg';
import { Pool } from 'undici';

const CLAIM = 500;

/** A table with nothing but what sending needs; `count` messages wait in it. */
export async function fillLimit(db: pg.Pool, count: number): Promise<void> {
  await db.query(`
    drop table if exists limit_message;
    create table limit_message (
      id bigint generated always as identity primary key, number text not null, body text not null,
      state text not null default 'queued', external_id text
    ) with (fillfactor = 70);
    create index on limit_message (id) where state = 'queued'`);
  await db.query(
    `insert into limit_message (number, body)
     select '+38050' || lpad(n::text, 7, '0'), '2 березня, ЦНАП: https://opyt.example/AbCdEfGh' from generate_series(1, $1::int) n`,
    [count],
  );
  await db.query('vacuum analyze limit_message');
}

interface Row {
  id: string;
  number: string;
  body: string;
}

/**
 * The same job written by hand without anything around it: claims 500 with SKIP LOCKED while it sends, `inFlight`
 * requests over one undici pool, results by one UPDATE from unnest for all that piled up.
 */
export async function runLimit(db: pg.Pool, url: string, inFlight: number): Promise<number> {
  const http = new Pool(url, { connections: inFlight, pipelining: 1 });
  const ready: Row[] = [];
  let pile: { id: string; sid: string }[] = [];
  let count = 0;
  let [flying, claiming, storing, more] = [0, false, false, true];
  await new Promise<void>((resolve, reject) => {
    const claim = async (): Promise<void> => {
      claiming = true;
      const { rows } = await db.query<Row>(
        `with due as (
           select id from limit_message where state = 'queued' order by id limit $1 for update skip locked
         ) update limit_message m set state = 'sending' from due where m.id = due.id returning m.id, m.number, m.body`,
        [CLAIM],
      );
      ready.push(...rows);
      more = rows.length === CLAIM;
      claiming = false;
      pump();
    };
    const store = async (): Promise<void> => {
      storing = true;
      const batch = pile;
      pile = [];
      await db.query(
        `update limit_message m set state = 'accepted', external_id = r.sid
         from unnest($1::bigint[], $2::text[]) as r (id, sid) where m.id = r.id`,
        [batch.map(({ id }) => id), batch.map(({ sid }) => sid)],
      );
      storing = false;
      pump();
    };
    const send = async ({ id, number, body }: Row): Promise<void> => {
      const form = new URLSearchParams({ To: number, From: '+380500000000', Body: body });
      form.append('StatusCallback', `https://opyt.example/hooks/twilio/status?m=${id}`);
      const answer = await http.request({
        method: 'POST',
        path: '/2010-04-01/Accounts/AC/Messages.json',
        headers: { 'content-type': 'application/x-www-form-urlencoded', authorization: 'Basic eDp5' },
        body: form.toString(),
      });
      const { sid } = (await answer.body.json()) as { sid: string };
      flying--;
      count++;
      pile.push({ id, sid });
      pump();
    };
    const pump = (): void => {
      while (flying < inFlight && ready.length > 0) {
        flying++;
        send(ready.shift() as Row).catch(reject);
      }
      if (more && !claiming && ready.length < inFlight) claim().catch(reject);
      if (!storing && pile.length > 0) store().catch(reject);
      if (!more && !claiming && !storing && flying === 0 && ready.length === 0 && pile.length === 0)
        resolve();
    };
    pump();
  });
  await http.close();
  return count;
}
