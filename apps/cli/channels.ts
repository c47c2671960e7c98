import type { ChannelFactory } from '#channels/registry';
import { turbosms } from '#channels/turbosms/turbosms';
import { twilioSms } from '#channels/twilio-sms/twilio-sms';
import { viberBot } from '#channels/viber-bot/viber-bot';

/** The carriers that `vidhuk doctor` examines. */
export const factories: readonly ChannelFactory[] = [twilioSms, viberBot, turbosms];
