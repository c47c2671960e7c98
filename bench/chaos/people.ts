import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { projectRoot } from '#config/project';
import { Vault } from '#contacts/vault';
import { joinBot } from '#testkit/join-bot';
import { windowOf, type Hours } from './hours.js';
import { SECRET, type ChaosHouse } from './house.js';

const MAPPING = `
key: hall
format: csv
delimiter: ";"
timezone: Europe/Kyiv
defaultCountry: UA
dateFormat: "yyyy-MM-dd HH:mm"
columns: {recordId: id, centre: office, serviceCode: queue, calledAt: called, finishedAt: closed, outcome: status, phone: phone, consent: consent, language: lang}
values: {consent: {"1": granted}}
`;

export const phoneOf = (n: number): string => `+38067${String(n).padStart(7, '0')}`;

export interface PeopleOptions {
  readonly visits: number;
  /** How many of the visitors are subscribed to the bot, and so are asked there first. */
  readonly inViber: number;
  /** Day of the visits, in Kyiv. */
  readonly day: string;
  readonly hours: Hours;
}

/**
 * Visits through the same doors as in a hall: a published pack, an imported file. Reaches nobody yet, since no worker
 * runs. The pack is the demo's with a longer life, for a clock that runs fast.
 */
export async function invitePeople(
  house: ChaosHouse,
  { visits, inViber, day, hours }: PeopleOptions,
): Promise<void> {
  await house.vidhuk('pack', 'apply', await packFor(house.dir, hours), '--publish');
  await writeFile(join(house.dir, 'mapping.yaml'), MAPPING);
  const rows = Array.from({ length: visits }, (_, n) => {
    const minute = String(n % 60).padStart(2, '0');
    return `r${n};hall-${n % 7};7;${day} 08:00;${day} 08:${minute};served;${phoneOf(n)};1;uk`;
  });
  const file = join(house.dir, 'visits.csv');
  await writeFile(file, `id;office;queue;called;closed;status;phone;consent;lang\n${rows.join('\n')}\n`);
  const printed = await house.vidhuk('visits', 'import', file, '--source', 'hall', '--mapping', join(house.dir, 'mapping.yaml'), '--json'); // prettier-ignore
  const { accepted } = JSON.parse(printed) as { accepted: number };
  if (accepted !== visits) throw new Error(`of ${visits} visits ${accepted} were taken`);
  await house.ask('/api/visitors', { on: false });
  await subscribe(
    house,
    Array.from({ length: inViber }, (_, n) => phoneOf(n * Math.floor(visits / inViber))),
  );
}

async function packFor(dir: string, hours: Hours): Promise<string> {
  const pack = join(dir, 'pack');
  await cp(join(projectRoot, 'templates', 'cnap'), pack, { recursive: true });
  const file = join(pack, 'campaigns', 'cnap-after-visit.yaml');
  const campaign = await readFile(file, 'utf8');
  await writeFile(file, campaign.replace(/^maxAge:.*$/m, 'maxAge: P60D').replace(/^validFor:.*$/m, 'validFor: P90D').replace(/^variants:.*$/m, '').replace(/^window:.*$/m, windowOf(hours))); // prettier-ignore
  return pack;
}

/** A bot without a webhook takes nobody, and the worker that registers it does not run yet. */
async function subscribe(house: ChaosHouse, numbers: readonly string[]): Promise<void> {
  await house.ask('/api/phones', { number: numbers[0] });
  const registered = await fetch(`${house.sandboxUrl}/pa/set_webhook`, {
    method: 'POST',
    headers: { 'x-viber-auth-token': house.env['VIBER_AUTH_TOKEN'] ?? '' },
    body: JSON.stringify({ url: `${house.env['VIDHUK_PUBLIC_URL'] ?? ''}/hooks/viber` }),
  });
  if (!registered.ok) throw new Error('the bot has no webhook');
  await joinBot(house, new Vault(SECRET), numbers);
}
