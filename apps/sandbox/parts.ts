import type { Clock } from '#kernel/clock';
import { AcceptedMessages } from './accepted.js';
import { Agenda } from './agenda.js';
import { Chance } from './chance.js';
import { Faults } from './faults.js';
import { Limits } from './limits.js';
import {
  defaultPace,
  OWN_NUMBER,
  sandboxAccounts,
  type SandboxAccounts,
  type SandboxOptions,
} from './options.js';
import { Handset } from './phones/handset.js';
import { readNumber } from './phones/number.js';
import { defaultBounds, PhoneBook } from './phones/phone-book.js';
import type { CarrierSurroundings } from './surroundings.js';
import { TurboSmsCarrier } from './turbosms/turbosms-carrier.js';
import { TwilioCarrier } from './twilio/twilio-carrier.js';
import { TwilioInbound } from './twilio/twilio-inbound.js';
import { ViberCarrier } from './viber/viber-carrier.js';
import { ViberChat } from './viber/viber-chat.js';
import { Network } from './visitors/browser.js';
import { Visitors } from './visitors/visitors.js';
import { requireLoopback, Webhooks, type ReceiptTaken } from './webhooks.js';

/** Everything a sandbox is made of, put together once; the web side reaches it through this. */
export class SandboxParts {
  readonly accounts: SandboxAccounts;
  readonly clock: Clock;
  readonly startedAt: Date;
  readonly ownNumber: string;
  readonly chance: Chance;
  readonly agenda: Agenda;
  readonly faults: Faults;
  readonly limits: Limits;
  readonly webhooks: Webhooks;
  readonly phones: PhoneBook;
  readonly accepted: AcceptedMessages;
  readonly twilio: TwilioCarrier;
  readonly viber: ViberCarrier;
  readonly turbosms: TurboSmsCarrier;
  readonly handset: Handset;
  readonly visitors: Visitors;
  private readonly network = new Network();
  private target: string | undefined;

  constructor(options: SandboxOptions) {
    const bounds = { ...defaultBounds, ...options.bounds };
    this.accounts = options.accounts ?? sandboxAccounts;
    this.clock = options.clock;
    this.startedAt = options.clock.now();
    this.ownNumber = readNumber(options.ownNumber ?? '') ?? OWN_NUMBER;
    this.chance = new Chance(options.seed ?? 'vidhuk');
    this.agenda = new Agenda(options.clock, options.failed ?? (() => undefined));
    this.faults = new Faults(this.chance);
    this.limits = new Limits(options.clock);
    this.accepted = new AcceptedMessages(bounds.messages);
    const taken: ReceiptTaken = (carrier, about, event) => this.accepted.tell(carrier, about, event);
    this.webhooks = new Webhooks(options.clock, this.agenda, this.faults, taken, options.patienceMs);
    this.phones = new PhoneBook(options.clock, this.chance, bounds);
    const around = this.surroundings({ ...defaultPace, ...options.pace }, bounds.messages);
    this.twilio = new TwilioCarrier(around);
    this.viber = new ViberCarrier(around);
    this.turbosms = new TurboSmsCarrier(around);
    this.handset = new Handset(this.phones, {
      sms: new TwilioInbound(around, this.twilio),
      chat: new ViberChat(around, this.viber),
      business: this.turbosms,
    });
    this.visitors = new Visitors({
      ...around,
      handset: this.handset,
      network: this.network,
      ownNumber: this.ownNumber,
    });
    const { visitors = false } = options;
    this.visitors.set({
      on: visitors !== false,
      ...(typeof visitors === 'object' ? { habits: visitors } : {}),
    });
    if (options.publicUrl !== undefined) this.pointTo(options.publicUrl);
    this.phones.obtain(this.ownNumber);
  }

  get publicUrl(): string | undefined {
    return this.target;
  }

  /** Tells where our gateway is. Throws AppError `sandbox_target_refused` unless that is this machine. */
  pointTo(publicUrl: string): void {
    requireLoopback(publicUrl);
    this.target = publicUrl.replace(/\/+$/, '');
  }

  /** Back to an empty sandbox; what was still to happen will not. */
  clear(): void {
    this.agenda.clear();
    this.faults.clear();
    this.limits.clear();
    this.accepted.clear();
    this.twilio.messages.clear();
    this.viber.clear();
    this.turbosms.clear();
    this.webhooks.reset();
    this.visitors.forget();
    this.phones.clear();
    this.phones.obtain(this.ownNumber);
  }

  /** Ends what runs; webhooks first, since a call that hangs would keep the agenda waiting. */
  async close(): Promise<void> {
    await Promise.all([this.webhooks.close(), this.network.close()]);
    await this.agenda.stop();
  }

  private surroundings(pace: CarrierSurroundings['pace'], keep: number): CarrierSurroundings {
    return {
      accounts: this.accounts,
      clock: this.clock,
      chance: this.chance,
      agenda: this.agenda,
      faults: this.faults,
      webhooks: this.webhooks,
      phones: this.phones,
      accepted: this.accepted,
      pace,
      keep,
      publicUrl: () => this.target,
      unreachable: (number) => this.visitors.unreachable(number),
    };
  }
}
