import { seededRandom } from '#kernel/seeded-random';
import type { Builders, FactColumn, PathSpec } from '#testkit/builders';

const centres = [
  ['kyiv-01', 'ЦНАП Печерського району, Київ'],
  ['kyiv-02', 'ЦНАП Оболонського району, Київ'],
  ['lviv-01', 'ЦНАП Львова на площі Ринок'],
  ['dnipro-01', 'ЦНАП Дніпра, просп. Дмитра Яворницького'],
  ['odesa-01', 'ЦНАП Одеси'],
  ['vinnytsia-01', 'Прозорий офіс «Центр», Вінниця'],
  ['lutsk-01', 'ЦНАП Луцька'],
  ['boryslav-01', 'ЦНАП Борислава'],
] as const;
const reasons = ['no_phone', 'no_phone', 'not_mobile', 'no_consent', 'frequency_cap', 'frequency_cap', 'frequency_cap', 'not_sampled', 'window_missed', 'opted_out', 'bad_phone']; // prettier-ignore

/** Two weeks of visits to eight centres with everything that can become of them, the same on every run. */
export async function fillWithLife(build: Builders, now: Date, visits = 450): Promise<void> {
  const source = seededRandom('life');
  const random = (): number => source.next();
  for (const [code, name] of centres) await build.centre(code, 'Europe/Kyiv', name);
  for (let i = 0; i < visits; i++) {
    const [centre] = centres[Math.floor(random() ** 1.6 * centres.length)] ?? centres[0];
    const daysAgo = Math.floor(random() * 14);
    const finishedAt = new Date(now.getTime() - daysAgo * 86_400_000 - random() * 6 * 3_600_000);
    await lead(build, centre, finishedAt, random, now);
  }
}

async function lead(
  build: Builders,
  centre: string,
  finishedAt: Date,
  random: () => number,
  now: Date,
): Promise<void> {
  const channel = random() < 0.4 ? 'viber' : 'sms';
  const at = (hours: number): Date =>
    new Date(Math.min(now.getTime(), finishedAt.getTime() + hours * 3_600_000));
  const facts = outcome(random());
  const decision: PathSpec['decision'] =
    random() < 0.03
      ? 'control'
      : random() < 0.25
        ? { reason: reasons[Math.floor(random() * reasons.length)] ?? '' }
        : 'invited';
  const { invitationId } = await build.path({
    centre, finishedAt, channel, decision,
    facts: Object.fromEntries(facts.map((fact, place) => [fact, at(1 + place * 0.2)])),
    answers: facts.includes('started') ? { quality: Math.ceil(5 * random() ** 0.4) } : {},
  }); // prettier-ignore
  if (invitationId === null) return;
  const state = facts.includes('undelivered')
    ? 'failed'
    : facts.includes('delivered')
      ? 'delivered'
      : 'accepted';
  await build.sender('viber', 'viber');
  await build.message(invitationId, {
    channel, sender: channel === 'viber' ? 'viber' : 'twilio', state, accepted_at: at(1),
    settled_at: state === 'accepted' ? null : at(1.1),
  }); // prettier-ignore
}

function outcome(luck: number): FactColumn[] {
  if (luck < 0.05) return ['sent', 'undelivered'];
  if (luck < 0.12) return ['sent'];
  if (luck < 0.66) return ['sent', 'delivered'];
  if (luck < 0.7) return ['sent', 'delivered', 'refused'];
  if (luck < 0.78) return ['sent', 'delivered', 'opened'];
  if (luck < 0.83) return ['sent', 'delivered', 'opened', 'started'];
  return ['sent', 'delivered', 'opened', 'started', 'completed'];
}
