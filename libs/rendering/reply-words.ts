/**
 * Ways of asking for an answer by text. A link is not one of them: "answer here: …" is an answer by page. Words of three
 * languages, folded to lower case; what is not listed here is not noticed.
 */
const ASKING: readonly RegExp[] = [
  // Ukrainian
  /(?<!\p{L})(?:у|в) відповідь(?!\p{L})/u,
  /(?<!\p{L})відпи(?:шіть|сати)(?!\p{L})/u,
  /(?<!\p{L})відпові(?:дайте|дати|дь|сти)(?: нам)? (?:на це|цифрою|числом|словом|смс|sms|повідомленням)/u,
  /(?<!\p{L})(?:надішліть|надсилайте|відправте|напишіть|пишіть|пришліть)(?: нам)? (?:цифру|число|оцінку|слово|відповідь|смс|sms|повідомлення|стоп|старт|так|ні|\d|["«“])/u,
  // English
  /(?<!\p{L})repl(?:y|ies|ying)(?!\p{L})/u,
  /(?<!\p{L})(?:text|send|write|message)(?: us| back)? (?:back|stop|start|yes|no|help|a number|the word|\d|["“])/u,
  /(?<!\p{L})respond(?: to this| with| by)/u,
  /(?<!\p{L})answer (?:by (?:text|sms)|this (?:text|sms|message))/u,
  // Russian, for those who chose it
  /(?<!\p{L})в ответ(?!\p{L})/u,
  /(?<!\p{L})ответ(?:ьте|ить)(?: нам)? (?:на это|цифрой|числом|словом|смс|sms|сообщением)/u,
  /(?<!\p{L})(?:отправьте|пришлите|напишите)(?: нам)? (?:цифру|число|оценку|слово|ответ|смс|sms|сообщение|стоп|старт|да|нет|\d|["«“])/u,
];

/** The words with which a text asks for an answer by text, or undefined when it does not. */
export function askedReply(text: string): string | undefined {
  const folded = text.normalize('NFC').toLowerCase().replace(/\s+/g, ' ');
  for (const way of ASKING) {
    const found = way.exec(folded);
    if (found) return found[0];
  }
  return undefined;
}
