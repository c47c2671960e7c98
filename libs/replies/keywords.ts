import { foldText, foldWords, retyped, unmixed } from '#kernel/folding';

/** What a whole message can ask for, whatever is being asked of the person. */
export type Keyword = 'opt_out' | 'opt_in' | 'help' | 'wrong_number' | 'never_visited';

/*
 * Twilio's default words (twilio.com, advanced-opt-out; REVOKE and OPTOUT since 2025) and what people in Ukraine
 * write. Folded: no punctuation, small letters, apostrophe '. One line is one group of phrases, parted by commas.
 */
const PHRASES: Readonly<Record<Keyword, string>> = {
  opt_out: `
    stop, stopall, stop all, unsubscribe, cancel, end, quit, revoke, optout, opt out, unsub,
    remove me, stop it, do not text me, dont text me, don't text me, do not write, do not disturb, leave me alone,
    стоп, стоп стоп, стопстоп, стоп смс, стоп sms, стоп розсилка, стоп розсилці, стоп рассылка, стоп опитування, стоп повідомлення,
    відміна, відмінити, відмова, відмовляюсь, відмовляюся, я відмовляюсь, я відмовляюся, відписка,
    відписатися, відписатись, відписати, відпишіть, відпишіть мене, відпишіться, скасувати, скасуйте,
    хочу відписатися, хочу відписатись, як відписатися, як відписатись,
    не турбувати, не турбуйте, не турбуйте мене, прошу не турбувати,
    не пишіть, не пишіть мені, мені не пишіть, не писати, не пиши, не пиши мені,
    не надсилайте, не надсилайте мені, не надсилати,
    не присилайте, не присилайте мені, не шліть, не шліть мені, досить, годі, досить писати,
    відстаньте, відчепіться, не хочу отримувати, не бажаю отримувати, видаліть мене,
    видаліть мій номер, видаліть номер, припиніть, припиніть писати, припиніть розсилку,
    отписаться, отписатся, отписка, отпишите, отпишите меня, отмена, отменить, отказ, отказываюсь, отказаться,
    не беспокоить, не беспокойте, не беспокойте меня, не пишите, не пишите мне,
    не присылайте, не присылайте мне, не шлите, отстаньте, отвалите, хватит, хватит писать, удалите меня, удалите мой номер, прекратите, не хочу получать,
    vidpysatysia, vidpysatysya, vidpysatys, vidpyska, vidmina, vidmova, ne pyshit, ne turbuvaty,
    otpisatsya, otpisatsia, otmena, otkaz, ne pishite, ne bespokoit`,
  opt_in: `
    start, unstop, resume, subscribe, opt in, optin,
    старт, почати, розпочати, підписатися, підписатись, підпишіть мене, поновити, відновити,
    подписаться, начать, возобновить, подпишите меня, pidpysatysia`,
  help: `
    help, info, who is this, who are you, what is this,
    допомога, допоможіть, довідка, інфо, інформація, помощь, помогите, справка, инфо, информация,
    хто це, хто ви, хто пише, хто це пише, а хто це, що це, що це таке, від кого, що це за номер,
    кто это, кто вы, кто пишет, а кто это, что это, что это такое, от кого, dopomoha, dovidka`,
  wrong_number: `
    wrong number, not my number, wrong person,
    не той номер, не цей номер, це не той номер, ви помилились номером, ви помилилися номером, помилились номером,
    помилилися номером, помилка номером, помилка номера, помилковий номер, ви помилились, ви помилилися,
    неправильний номер, невірний номер, не мій номер, це не мій номер, не та людина, я не та людина, не туди,
    не туди потрапили, ви не туди потрапили, ви не туди написали, не за адресою, це не я, чужий номер,
    ошиблись номером, ошиблись, вы ошиблись, вы ошиблись номером, вы ошиблися, ошибка номером, ошибочный номер,
    неверный номер, неправильный номер, не тот номер, это не тот номер, не мой номер, это не мой номер, это не я,
    не туда, не туда попали, вы не туда попали, вы не туда пишете, не по адресу, ne toi nomer, ne toy nomer`,
  never_visited: `
    я там не була, я там не був, я не була там, я не був там, мене там не було, не була там, не був там, там не була, там не був,
    я не була в цнап, я не був в цнап, я не була у вас, я не був у вас, ніколи не була, ніколи не був, я нікуди не ходила,
    я нікуди не ходив, я не отримувала послугу, я не отримував послугу, я не отримувала послуг, я не отримував послуг,
    я не звертався, я не зверталась, я не зверталася, не звертався, не зверталась, не зверталася,
    я там не была, я там не был, я не была там, я не был там, меня там не было, я никуда не ходила, я никуда не ходил,
    я не обращался, я не обращалась, не обращался, не обращалась, i was not there, i wasn't there, i have not been there`,
};

/** A request stays one when it is polite, urgent or final about it. */
const AROUND = new Set(
  (
    'будь ласка, прошу, пожалуйста, пж, please, pls, дякую, спасибо, thanks, негайно, вже, уже, срочно, терміново, ' +
    'алло, добрий день, здравствуйте, вітаю, більше, больше, взагалі, вообще, ніколи, никогда'
  ).split(', '),
);

const meanings = new Map<string, Keyword>();
for (const [keyword, phrases] of Object.entries(PHRASES) as [Keyword, string][]) {
  for (const phrase of phrases.split(',').map(foldWords)) if (phrase !== '') meanings.set(phrase, keyword);
}

/**
 * What the whole message asks for; undefined when it is no keyword. The whole message has to be the phrase, give or
 * take politeness: "не стоп" and "стоп-сигнал не працює" ask for nothing.
 */
export function keywordOf(text: string): Keyword | undefined {
  const folded = foldText(text);
  // A layout slip turns letters into marks (б is a comma's key), so it is undone before marks are dropped.
  const typed = [folded, ...retyped(folded)].map(foldWords);
  for (const words of typed) {
    for (const reading of [words, ...unmixed(words)]) {
      const meaning = meanings.get(reading) ?? meanings.get(bare(reading));
      if (meaning) return meaning;
    }
  }
  return /^\?{1,3}$/.test(folded) ? 'help' : undefined;
}

/** Without courtesies at either end. */
function bare(words: string): string {
  let rest = words;
  for (;;) {
    const shorter = [...AROUND].reduce((text, courtesy) => {
      if (text.startsWith(`${courtesy} `)) return text.slice(courtesy.length + 1);
      return text.endsWith(` ${courtesy}`) ? text.slice(0, -courtesy.length - 1) : text;
    }, rest);
    if (shorter === rest) return rest;
    rest = shorter;
  }
}
