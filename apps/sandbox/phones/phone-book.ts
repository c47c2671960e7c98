import type { Clock } from '#kernel/clock';
import type { Chance } from '../chance.js';
import { linksIn } from './links.js';
import type { Bubble, BubbleStatus, Phone } from './phone.js';

/** How much is remembered before the oldest is forgotten. */
export interface Bounds {
  readonly phones: number;
  readonly bubblesPerPhone: number;
  /** Accepted messages kept one by one; counts go on. */
  readonly messages: number;
}

export const defaultBounds: Bounds = { phones: 20_000, bubblesPerPhone: 200, messages: 100_000 };

/** First names that say nothing about anyone. */
const NAMES = ['Олена', 'Андрій', 'Марія', 'Сергій', 'Наталія', 'Тарас', 'Ірина', 'Богдан', 'Оксана', 'Юрій', 'Софія', 'Максим', 'Людмила', 'Дмитро', 'Ганна', 'Роман']; // prettier-ignore
const INITIALS = 'АБВГДЗКЛМНОПРСТФХЧШЯ';

/** Statuses only move up, whatever order the callbacks take. */
const RANK: Record<BubbleStatus, number> = {
  pending: 0,
  sent: 1,
  delivered: 2,
  undelivered: 2,
  failed: 2,
  seen: 3,
};

export type PhoneChange = { readonly number: string; readonly bubble?: Bubble };
type Listener = (change: PhoneChange) => void;

/** All virtual phones and what is on their screens, the most recently active last. */
export class PhoneBook {
  private phones = new Map<string, Phone>();
  private byViberId = new Map<string, string>();
  private listeners = new Set<Listener>();
  private bubbleCount = 0;

  constructor(
    private readonly clock: Clock,
    private readonly chance: Chance,
    private readonly bounds: Bounds,
  ) {}

  find(number: string): Phone | undefined {
    return this.phones.get(number);
  }

  findByViberId(id: string): Phone | undefined {
    const number = this.byViberId.get(id);
    return number === undefined ? undefined : this.phones.get(number);
  }

  /** The phone with that number; comes into being when first written to. */
  obtain(number: string): Phone {
    const known = this.phones.get(number);
    if (known) return known;
    const phone: Phone = {
      number,
      name: `${this.chance.pick(NAMES, 'name', number)} ${this.chance.pick([...INITIALS], 'initial', number)}.`,
      viberId: this.chance.bytes(16, 'viber', number).toString('base64'),
      viber: 'none',
      stopped: new Set(),
      bubbles: [],
      unread: 0,
      lastAt: this.clock.now(),
    };
    this.phones.set(number, phone);
    this.byViberId.set(phone.viberId, number);
    this.forgetOldest();
    this.announce({ number });
    return phone;
  }

  /** Puts a message on the screen of a phone. */
  show(phone: Phone, content: Omit<Bubble, 'id' | 'at' | 'links'>): Bubble {
    const bubble: Bubble = {
      ...content,
      id: `b${++this.bubbleCount}`,
      at: this.clock.now(),
      links: linksIn(content.text),
    };
    phone.bubbles.push(bubble);
    if (phone.bubbles.length > this.bounds.bubblesPerPhone) phone.bubbles.shift();
    // Whoever writes has read what came before.
    phone.unread = bubble.by === 'centre' ? phone.unread + 1 : 0;
    phone.lastAt = bubble.at;
    if (this.phones.delete(phone.number)) this.phones.set(phone.number, phone);
    this.announce({ number: phone.number, bubble });
    return bubble;
  }

  /** Moves a message's status up; a late lower status changes nothing. */
  advance(phone: Phone, bubble: Bubble, status: BubbleStatus, errorCode?: number): void {
    if (RANK[status] <= RANK[bubble.status]) return;
    bubble.status = status;
    if (errorCode !== undefined) bubble.errorCode = errorCode;
    this.announce({ number: phone.number });
  }

  changed(phone: Phone): void {
    this.announce({ number: phone.number });
  }

  /** Most recent first; `search` is part of a number or a name. */
  list(options: { search?: string; offset?: number; limit?: number } = {}): {
    total: number;
    phones: Phone[];
  } {
    const all = [...this.phones.values()].reverse();
    const wanted = (options.search ?? '').trim().toLocaleLowerCase('uk');
    const digits = wanted.replace(/[\s()+-]/g, '');
    const found = wanted
      ? all.filter(
          ({ number, name }) =>
            (/^\d+$/.test(digits) && number.includes(digits)) ||
            name.toLocaleLowerCase('uk').includes(wanted),
        )
      : all;
    const offset = options.offset ?? 0;
    return { total: found.length, phones: found.slice(offset, offset + (options.limit ?? 50)) };
  }

  get size(): number {
    return this.phones.size;
  }

  countSubscribers(): number {
    return [...this.phones.values()].filter(({ viber }) => viber === 'subscribed').length;
  }

  /** Calls `listener` at every change until the returned function is called. */
  watch(listener: Listener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  clear(): void {
    this.phones.clear();
    this.byViberId.clear();
    this.announce({ number: '' });
  }

  private forgetOldest(): void {
    if (this.phones.size <= this.bounds.phones) return;
    const [oldest] = this.phones.values();
    if (!oldest) return;
    this.phones.delete(oldest.number);
    this.byViberId.delete(oldest.viberId);
  }

  private announce(change: PhoneChange): void {
    for (const listener of this.listeners) listener(change);
  }
}
