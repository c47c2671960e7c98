import type { Clock } from '#kernel/clock';
import type { AcceptedMessages } from './accepted.js';
import type { Agenda } from './agenda.js';
import type { Chance } from './chance.js';
import type { Faults } from './faults.js';
import type { Pace, SandboxAccounts } from './options.js';
import type { PhoneBook } from './phones/phone-book.js';
import type { Webhooks } from './webhooks.js';

/** The parts of the sandbox a carrier works with. */
export interface CarrierSurroundings {
  readonly accounts: SandboxAccounts;
  readonly clock: Clock;
  readonly chance: Chance;
  readonly agenda: Agenda;
  readonly faults: Faults;
  readonly webhooks: Webhooks;
  readonly phones: PhoneBook;
  readonly accepted: AcceptedMessages;
  readonly pace: Pace;
  /** How many messages are remembered. */
  readonly keep: number;
  /** Where our gateway's webhooks are now. */
  readonly publicUrl: () => string | undefined;
  /** The carrier's error code for a phone that cannot be reached, by the virtual visitors' habits. */
  readonly unreachable: (number: string) => number | undefined;
}
