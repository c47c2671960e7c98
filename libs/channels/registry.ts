import { configuredCarriers, type Environment } from '#config/environment';
import { keepFromLogs } from '#config/logger';
import { AppError } from '#kernel/errors';
import type { Channel, ChannelName } from './channel.js';

export interface ChannelOptions {
  /** Requests in flight at most, for each channel. */
  readonly concurrency: number;
  /** Instead of the carrier's usual time-out; real milliseconds. */
  readonly timeoutMs?: number;
}

/** What a channel's folder exports; an app names it once, in its `channels.ts`. */
export interface ChannelFactory {
  /** The carrier's block in the environment: twilio, viber, turbosms. */
  readonly kind: string;
  /** The channels that the environment switches on: none without credentials, more than one if it has more senders. */
  create(environment: Environment, options: ChannelOptions): Channel[];
}

/** A row of the table `sender`, as far as it is known from the channel itself. */
export interface SenderRow {
  readonly key: string;
  readonly kind: string;
  readonly channel: ChannelName;
  readonly addressing: 'phone' | 'subscriber';
  readonly two_way: boolean;
  /** Lower is tried first within a channel. */
  readonly priority: number;
}

/**
 * The channels of a process by sender key, in the order of the factories. Throws an AppError when two factories or
 * two channels claim one name, when credentials are missing, or when the environment configures a carrier that this
 * process has no channel for: silence would mean that its messages wait for ever. What the channels redact stands in no
 * log line of this process from then on.
 */
export function buildChannels(
  environment: Environment,
  factories: readonly ChannelFactory[],
  options: Partial<ChannelOptions> = {},
): Map<string, Channel> {
  const kinds = new Set<string>();
  for (const { kind } of factories) {
    if (kinds.has(kind)) throw refused('channel_duplicate', `Two channels are of the kind "${kind}".`);
    kinds.add(kind);
  }
  for (const { kind } of configuredCarriers(environment)) {
    if (!kinds.has(kind)) {
      throw refused(
        'channel_unknown',
        `The environment configures "${kind}", which this process has no channel for.`,
      );
    }
  }
  const channels = new Map<string, Channel>();
  const chosen = { concurrency: environment.dispatchConcurrency, ...options };
  for (const channel of factories.flatMap((factory) => factory.create(environment, chosen))) {
    if (channels.has(channel.sender)) {
      throw refused('channel_duplicate', `Two channels send as "${channel.sender}".`);
    }
    channels.set(channel.sender, channel);
    keepFromLogs(channel.redact);
  }
  return channels;
}

/** Rows for the table `sender`. The order of the channels decides which one of a channel is tried first. */
export function senderRowsOf(channels: ReadonlyMap<string, Channel>): SenderRow[] {
  return [...channels.values()].map(({ sender, kind, limits }, index) => ({
    key: sender,
    kind,
    channel: limits.channel,
    addressing: limits.addressing,
    two_way: limits.twoWay,
    priority: (index + 1) * 10,
  }));
}

/** Closes the connections of all channels; a failure of one does not keep the others open. */
export async function closeChannels(channels: ReadonlyMap<string, Channel>): Promise<void> {
  await Promise.allSettled([...channels.values()].map(async (channel) => channel.close?.()));
}

/** Throws an AppError that names every setting in `named` that is empty. For the constructors of channels. */
export function requireCredentials(kind: string, named: Readonly<Record<string, string>>): void {
  const missing = Object.keys(named).filter((name) => !named[name]);
  if (missing.length > 0) {
    throw refused('channel_credentials', `The channel "${kind}" needs ${missing.join(', ')}.`);
  }
}

function refused(code: string, message: string): AppError {
  return new AppError(code, message, { status: 500, exitCode: 1 });
}
