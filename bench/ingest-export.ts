/** How the made-up export of the ingest benchmark is read. */
export const MAPPING = `
key: bench
delimiter: ";"
timezone: Europe/Kyiv
dateFormat: "yyyy-MM-dd HH:mm"
columns: {recordId: id, centre: office, serviceCode: queue_id, serviceName: queue, ticket: ticket, calledAt: called,
          finishedAt: closed, desk: desk, outcome: status, phone: phone, consent: consent, language: lang}
visitKey: [centre, date, ticket]
values: {consent: {"1": granted, "0": refused, "": unknown}}
`;

/** On which the first visits of the export finish. */
export const FIRST_DAY = new Date('2026-01-05T06:00:00Z');

const WAYS = [
  (n: string) => `0${n}`,
  (n: string) => `+380${n}`,
  (n: string) => `380${n}`,
  (n: string) => `+38 (0${n.slice(0, 2)}) ${n.slice(2, 5)}-${n.slice(5, 7)}-${n.slice(7)}`,
  (n: string) => `80${n}`,
  (n: string) => `0${n.slice(0, 2)} ${n.slice(2, 5)} ${n.slice(5, 7)} ${n.slice(7)}`,
];
const TYPED_OTHERWISE = ['', '', '', '', '---', 'немає', '044 475-35-63', '+48 512 345 678'];

/**
 * A queue system's export of `rows` calls, of the shape seen in real ones: 30 centres, 150 queues, one visit in
 * forty with a second leg, numbers typed in all ways, one in ten missing or useless, a fifth of the people known.
 */
export function* exportOf(rows: number): Generator<string> {
  yield 'id;office;queue_id;queue;ticket;called;closed;desk;status;phone;consent;lang\n';
  const random = seeded(42);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const begin = FIRST_DAY.getTime();
  let ticket = '';
  let phone = '';
  let office = '';
  for (let i = 0; i < rows; i++) {
    const day = Math.floor(i / 8_000);
    const called = begin + day * 86_400_000 + ((i % 8_000) * 32_400_000) / 8_000;
    const secondLeg = i > 0 && random() < 0.025;
    if (!secondLeg) {
      office = `CNAP_${i % 30}`;
      ticket = `${'ABCDEHKLMPRSTWZ'[i % 15]}${i % 8_000}`;
      const number = `${pick(['50', '63', '66', '67', '68', '73', '93', '95', '96', '97', '98', '99'])}${String(Math.floor(random() * 1e7)).padStart(7, '0')}`;
      phone = random() < 0.1 ? pick(TYPED_OTHERWISE) : pick(WAYS)(number);
    }
    const queue = i % 150;
    const time = (ms: number): string => new Date(ms).toISOString().slice(0, 16).replace('T', ' ');
    yield (
      `${queue}-${i};${office};${queue};Реєстрація місця проживання ${queue};${ticket};${time(called)};` +
      `${time(called + Math.floor(random() * 1_200_000))};${i % 9};${random() < 0.93 ? 'served' : 'left'};${phone};${pick(['1', '1', '1', '0', ''])};${pick(['uk', 'uk', ''])}\n`
    );
  }
}

/** A repeatable sequence of numbers from 0 to 1 (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
