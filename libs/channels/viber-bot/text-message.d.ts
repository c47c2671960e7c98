/** The package has no types; this is the part we use. */
declare module 'viber-bot/lib/message/text-message.js' {
  export default class TextMessage {
    constructor(text: string);
    toJson(): { type: 'text'; text: string };
  }
}
