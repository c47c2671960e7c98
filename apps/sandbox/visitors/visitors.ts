import type { Clock } from '#kernel/clock';
import { reasonOf } from '#kernel/errors';
import type { Agenda } from '../agenda.js';
import type { Chance, Range } from '../chance.js';
import type { Handset } from '../phones/handset.js';
import type { Bubble, ChannelName, Phone } from '../phones/phone.js';
import type { PhoneBook } from '../phones/phone-book.js';
import type { Network } from './browser.js';
import { answerTo, codeOfButtons, firstWord, wasTaken, type Utterance } from './conversation.js';
import { Diary, type Deeds } from './diary.js';
import { changeHabits, usualHabits, type VisitorHabits } from './habits.js';
import { intend, type Intention, type Mood } from './intention.js';
import { refuseOnPage, viberContext, WebVisit, type WebOutcome } from './web-visit.js';

/** One invitation, by its survey code. */
interface Acquaintance {
  /** Number and how many invitations it had before: the code itself differs in every run. */
  readonly person: string;
  readonly deeds: Deeds;
  /** How many messages with this code came. */
  messages: number;
  decided: boolean;
}

/** A person in the middle of answering by text or buttons. */
interface Conversation {
  readonly person: string;
  readonly deeds: Deeds;
  readonly mood: Mood;
  readonly channel: 'sms' | 'viber';
  said: number;
}

export interface VisitorSurroundings {
  readonly clock: Clock;
  readonly chance: Chance;
  readonly agenda: Agenda;
  readonly phones: PhoneBook;
  readonly handset: Handset;
  readonly network: Network;
  readonly publicUrl: () => string | undefined;
  /** The phone of the person who tries the sandbox. */
  readonly ownNumber: string;
}

const SECOND = 1000;
const MOST_SAID = 12;
const MOST_REMEMBERED = 100_000;

/** People who answer by themselves, so that a demo lives and a rehearsal has facts to count. */
export class Visitors {
  habits: VisitorHabits = usualHabits;
  on = false;
  readonly counts = { invited: 0, silent: 0, web: 0, sms: 0, viber: 0, stopped: 0, wrongNumber: 0, completed: 0, brokeOff: 0, refused: 0, failed: 0 }; // prettier-ignore
  /** Why a visit to the page failed; the newest last. */
  readonly failures: string[] = [];
  readonly diary = new Diary(MOST_REMEMBERED);
  private known = new Map<string, Acquaintance>();
  private invitations = new Map<string, number>();
  private conversations = new Map<string, Conversation>();

  constructor(private readonly around: VisitorSurroundings) {
    around.phones.watch(({ number, bubble }) => {
      if (this.on && bubble?.by === 'centre') this.notice(number, bubble);
    });
  }

  /** Switches the visitors, or changes their habits. Throws AppError `habits_invalid`. */
  set(change: { on?: boolean | undefined; habits?: unknown }): void {
    if (change.habits !== undefined) this.habits = changeHabits(this.habits, change.habits);
    if (change.on !== undefined) this.on = change.on;
  }

  /** The carrier's error code for a phone that is off or gone. */
  unreachable(number: string): number | undefined {
    const { chance } = this.around;
    if (!this.on || this.isLeftAlone(number)) return undefined;
    if (!chance.happens(this.habits.unreachableShare, 'unreachable', number)) return undefined;
    return chance.pick([30003, 30003, 30005, 30006], 'unreachable code', number);
  }

  forget(): void {
    this.known.clear();
    this.invitations.clear();
    this.conversations.clear();
    this.diary.clear();
    this.failures.length = 0;
    for (const key of Object.keys(this.counts) as (keyof typeof this.counts)[]) this.counts[key] = 0;
  }

  private isLeftAlone(number: string): boolean {
    return number === this.around.ownNumber || number.startsWith(this.habits.leaveAlone);
  }

  private notice(number: string, bubble: Bubble): void {
    const phone = this.around.phones.find(number);
    if (!phone || this.isLeftAlone(number) || this.unreachable(number) !== undefined) return;
    if (bubble.channel === 'viber') {
      this.later([20, 600], `look ${number} ${phone.bubbles.length}`, () => this.around.handset.look(phone));
    }
    const link = bubble.links.find(({ url, code }) => code !== undefined && this.isOurs(url));
    const code = link?.code ?? codeOfButtons(bubble);
    const conversation = this.conversations.get(number);
    if (code !== undefined && this.known.get(code)?.decided !== true) {
      this.consider(phone, bubble, this.acquaint(number, code), link?.url);
    } else if (conversation) this.goOn(phone, conversation, bubble);
  }

  private acquaint(number: string, code: string): Acquaintance {
    const known = this.known.get(code);
    if (known) return known;
    const nth = (this.invitations.get(number) ?? 0) + 1;
    const deeds = this.diary.open(number, code);
    const fresh = { person: `${number} ${nth}`, deeds, messages: 0, decided: false };
    remember(this.invitations, number, nth);
    remember(this.known, code, fresh);
    return fresh;
  }

  private consider(phone: Phone, bubble: Bubble, known: Acquaintance, url: string | undefined): void {
    const { agenda, chance } = this.around;
    if (++known.messages === 1) this.counts.invited++;
    const message = { person: known.person, nth: known.messages, at: bubble.at };
    const intention = intend(chance, this.habits, message);
    if (intention.kind === 'silent') {
      if (known.messages === 1) this.counts.silent++;
      return;
    }
    known.decided = true;
    if (known.messages > 1) this.counts.silent--;
    agenda.at(intention.at, () => this.act(phone, intention, bubble, known, url));
  }

  private async act(
    phone: Phone,
    intention: Exclude<Intention, { kind: 'silent' }>,
    bubble: Bubble,
    known: Acquaintance,
    url: string | undefined,
  ): Promise<void> {
    const { chance } = this.around;
    const { person, deeds } = known;
    if (intention.kind === 'stop') return this.refuse(phone, bubble, known, url);
    if (intention.kind === 'wrong_number') {
      this.counts.wrongNumber++;
      if (this.canAnswer(phone, bubble))
        deeds.wrongNumber = await this.write(phone, 'Ви помилилися номером', bubble.channel);
      return;
    }
    const { mood, way } = intention;
    if (bubble.buttons.length > 0) {
      return this.converse(
        phone,
        { person, deeds, mood, channel: 'viber', said: 0 },
        answerTo(chance, mood, bubble, person),
      );
    }
    if (way === 'sms' && bubble.channel === 'sms' && this.canAnswer(phone, bubble)) {
      const conversation: Conversation = { person, deeds, mood, channel: 'sms', said: 0 };
      return this.converse(phone, conversation, firstWord(chance, mood, person));
    }
    if (url === undefined) return;
    if (way === 'viber' && (await this.moveToViber(phone, known, mood, url))) return;
    await this.visitPage(mood, url, known);
  }

  private async refuse(
    phone: Phone,
    bubble: Bubble,
    { person, deeds }: Acquaintance,
    url: string | undefined,
  ): Promise<void> {
    this.counts.stopped++;
    const { chance, network } = this.around;
    const byWord =
      url === undefined || (this.canAnswer(phone, bubble) && chance.happens(0.6, 'stop by word', person));
    if (byWord) {
      const word = chance.pick(['СТОП', 'стоп', 'STOP', 'Стоп.'], 'stop word', person);
      deeds.refused = await this.write(phone, word, bubble.channel);
      return;
    }
    const refused = await refuseOnPage(network.browser(), url).catch((thrown) => this.fail(thrown));
    deeds.refused = refused === true;
  }

  /** Through the hand-over page into the chat; the welcome there asks the first question. */
  private async moveToViber(
    phone: Phone,
    { person, deeds }: Acquaintance,
    mood: Mood,
    url: string,
  ): Promise<boolean> {
    const context = await viberContext(this.around.network.browser(), url).catch(() => undefined);
    if (context === undefined) return false;
    this.counts.viber++;
    remember(this.conversations, phone.number, { person, deeds, mood, channel: 'viber', said: 0 });
    deeds.opened = true;
    await this.around.handset.openViber(phone, context);
    return true;
  }

  private async converse(
    phone: Phone,
    conversation: Conversation,
    first: Utterance | undefined,
  ): Promise<void> {
    if (!first) return;
    this.counts[conversation.channel]++;
    remember(this.conversations, phone.number, conversation);
    await this.say(phone, conversation, first);
  }

  /** The next message of a conversation: answered after some seconds, until it asks nothing more. */
  private goOn(phone: Phone, conversation: Conversation, bubble: Bubble): void {
    if (bubble.channel !== conversation.channel) return;
    const step = `${conversation.person} ${conversation.said}`;
    const answer = answerTo(this.around.chance, conversation.mood, bubble, step);
    if (!answer) {
      this.counts.completed++;
      this.conversations.delete(phone.number);
      return;
    }
    const { leavesAfter } = conversation.mood;
    const leaves = leavesAfter !== undefined && conversation.said >= leavesAfter;
    if (leaves || conversation.said >= MOST_SAID) {
      this.counts.brokeOff++;
      this.conversations.delete(phone.number);
      return;
    }
    this.later([8, 70], `says ${step}`, () => this.say(phone, conversation, answer, bubble));
  }

  private async say(phone: Phone, conversation: Conversation, what: Utterance, to?: Bubble): Promise<void> {
    conversation.said++;
    if ('text' in what) {
      if (await this.write(phone, what.text, conversation.channel)) conversation.deeds.answered++;
      return;
    }
    const bubble = to ?? phone.bubbles.findLast(({ buttons }) => buttons.includes(what.press));
    if (!bubble) return;
    await this.around.handset.press(phone, bubble.id, what.press.reply);
    if (wasTaken(phone)) conversation.deeds.answered++;
  }

  /** Resolves to whether our side took it. */
  private async write(phone: Phone, text: string, channel: ChannelName): Promise<boolean> {
    await this.around.handset.reply(phone, text, channel);
    return wasTaken(phone);
  }

  private async visitPage(mood: Mood, url: string, { person, deeds }: Acquaintance): Promise<void> {
    this.counts.web++;
    const visit = new WebVisit(this.around.chance, this.around.network.browser(), mood, person);
    const outcome = await visit.open(url).catch((thrown: unknown) => ({ failed: reasonOf(thrown) }));
    deeds.opened = outcome === 'more';
    this.onward(visit, outcome, deeds, `reads ${person}`);
  }

  private onward(visit: WebVisit, outcome: WebOutcome, deeds: Deeds, purpose: string): void {
    deeds.answered = visit.taken;
    if (outcome === 'completed') this.counts.completed++;
    else if (outcome === 'broke_off') this.counts.brokeOff++;
    else if (outcome === 'refused') this.counts.refused++;
    else if (outcome !== 'more') this.fail(outcome.failed);
    else {
      this.later([5, 30], purpose, async () => {
        const next = await visit.step().catch((thrown: unknown) => ({ failed: reasonOf(thrown) }));
        this.onward(visit, next, deeds, `${purpose} on`);
      });
    }
  }

  /** After some civil seconds. */
  private later(seconds: Range, purpose: string, work: () => Promise<void>): void {
    this.around.agenda.in(SECOND * this.around.chance.between(seconds, 'pause', purpose), work);
  }

  /** Nobody can write back to a name, nor to a Viber message that came by number. */
  private canAnswer(phone: Phone, { channel, carrier }: Bubble): boolean {
    return channel === 'sms' ? this.around.handset.canReplyBySms(phone) : carrier === 'viber';
  }

  private isOurs(url: string): boolean {
    const ours = this.around.publicUrl();
    return ours !== undefined && URL.canParse(url) && new URL(url).origin === new URL(ours).origin;
  }

  private fail(thrown: unknown): void {
    this.counts.failed++;
    this.failures.push(typeof thrown === 'string' ? thrown : reasonOf(thrown));
    if (this.failures.length > 50) this.failures.shift();
  }
}

/** Keeps the newest; who has not been heard of for so long is forgotten. */
function remember<V>(map: Map<string, V>, key: string, value: V): void {
  map.set(key, value);
  if (map.size > MOST_REMEMBERED) map.delete(map.keys().next().value ?? '');
}
