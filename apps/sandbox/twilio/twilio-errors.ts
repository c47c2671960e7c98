import type { CarrierReply } from '../carrier-door.js';

/** HTTP status and wording of Twilio's errors; codes not listed are answered with 400. twilio.com/docs/api/errors */
const ERRORS: Readonly<Record<number, readonly [status: number, message: string]>> = {
  20003: [401, 'Authenticate'],
  20008: [403, 'Resource not accessible with Test Account Credentials'],
  20404: [404, 'The requested resource was not found'],
  20429: [429, 'Too Many Requests'],
  20500: [500, 'Internal Server Error'],
  20503: [503, 'Service Unavailable'],
  21211: [400, "The 'To' number is not a valid phone number."],
  21217: [400, "Phone number in 'To' does not appear to be valid"],
  21401: [400, 'Invalid phone number'],
  21408: [400, "Permission to send an SMS has not been enabled for the region indicated by the 'To' number"],
  21602: [400, 'Message body is required.'],
  21603: [400, "A 'From' phone number is required."],
  21604: [400, "A 'To' phone number is required."],
  21606: [400, "The 'From' phone number provided is not a valid message-capable Twilio phone number"],
  21607: [400, "The 'From' number is not a valid, SMS-capable inbound phone number for your account"],
  21608: [400, 'The number is unverified. Trial accounts cannot send messages to unverified numbers'],
  21609: [400, "The 'StatusCallback' URL is not a valid URL."],
  21610: [400, 'Attempt to send to unsubscribed recipient'],
  21611: [429, "This 'From' number has exceeded the maximum number of queued messages"],
  21612: [400, "Message cannot be sent with the current combination of 'To' and/or 'From' parameters"],
  21614: [400, "'To' number is not a valid mobile number"],
  21617: [400, 'The concatenated message body exceeds the 1600 character limit'],
  21618: [400, 'The message body cannot be sent'],
  21619: [400, 'A text message body or media urls must be specified.'],
  21620: [400, 'Invalid media URL(s)'],
  21621: [400, "The 'From' number has not been enabled for picture messaging"],
  21622: [400, 'MMS has not been enabled for your account'],
  21623: [400, 'Number of media files exceeds allowed limit'],
  21624: [400, 'The validity period is not valid; it must be an integer from 1 to 36000'],
  21701: [404, 'The Messaging Service does not exist'],
  21702: [400, 'The Messaging Service is not available in this account'],
  21703: [400, 'The Messaging Service does not have a phone number available to send a message'],
  21704: [400, 'The Messaging Service contains no phone numbers'],
  21705: [400, 'The Messaging Service is invalid'],
  21910: [400, "Invalid 'From' and 'To' pair. 'From' and 'To' should be of the same channel"],
  30001: [429, 'Queue overflow'],
  30002: [400, 'Account suspended'],
  30018: [400, 'Destination carrier requires sender ID pre-registration'],
  30024: [400, 'Numeric sender ID not provisioned on carrier'],
  30032: [400, 'Toll-free number has not been verified'],
  30034: [400, 'Message from an unregistered number'],
  35118: [400, 'MessagingServiceSid is required to schedule a message'],
};

/** What `refuse` can be ordered with, each with the carrier's words. */
export const twilioErrors: Readonly<Record<number, string>> = Object.fromEntries(
  Object.entries(ERRORS).map(([code, [, message]]) => [code, message]),
);

/** Codes that mean "undelivered" when they come in a callback; the others there mean "failed". */
export const undeliveredCodes = new Set([30003, 30005, 30006, 30008, 30017, 30410]);

export function twilioError(code: number, message?: string): CarrierReply {
  const [status, usual] = ERRORS[code] ?? [400, `Error ${code}`];
  const more_info = `https://www.twilio.com/docs/errors/${code}`;
  return { status, body: JSON.stringify({ code, message: message ?? usual, more_info, status }) };
}
