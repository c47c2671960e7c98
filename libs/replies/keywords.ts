import { cyrillicLooking, foldText, foldWords, retyped, unmixed } from '#kernel/folding';

/** What a whole message can ask for, whatever is being asked of the person. */
export type Keyword = 'opt_out' | 'opt_in' | 'help' | 'wrong_number' | 'never_visited';

/*
 * Twilio's default words (twilio.com, advanced-opt-out; REVOKE and OPTOUT since 2025) and what people in Ukraine
 * write. Folded: no punctuation, small letters, apostrophe '. One line is one group of phrases, parted by commas.
 */
const PHRASES: Readonly<Record<Keyword, string>> = {
  opt_out: `
    cancel, end, quit, exit, revoke, optout, opt out, stopall, stop all, stop it, remove me, leave me alone, spam, this is spam,
    no more messages, no more texts, no more sms,
    спам, це спам, это спам, відміна, відмінити, скасувати, скасуйте, зупинити, зупиніть, остановить, остановите, вийти, выйти, кінець,
    скасувати підписку, скасуйте підписку, скасувати розсилку, відмінити підписку, відмінити розсилку, відміна підписки,
    отмена, отменить, отменить подписку, отменить рассылку, отмена подписки, зупиніть розсилку, остановите рассылку,
    досить, годі, досить писати, хватит, хватит писать, відстаньте, відчепіться, отстаньте, отвалите,
    я відмовляюсь, я відмовляюся, я отказываюсь, хочу відписатися, хочу відписатись, хочу отписаться,
    як відписатися, як відписатись, как отписаться,
    не хочу відповідати, не буду відповідати, не бажаю відповідати, не хочу брати участь, не буду брати участь, не бажаю брати участь,
    не хочу отвечать, не буду отвечать, не хочу участвовать, не буду участвовать,
    не хочу щоб ви мені писали, не хочу щоб мені писали, не хочу чтобы вы мне писали, не хочу чтобы мне писали,
    vidpysatysia, vidpysatysya, vidpysatys, vidpyska, vidmina, vidmova, ne pyshit, ne turbuvaty,
    otpisatsya, otpisatsia, otmena, otkaz, ne pishite, ne bespokoit`,
  opt_in: `
    start, unstop, resume, subscribe, opt in, optin,
    старт, почати, розпочати, підписатися, підписатись, підпишіть мене, поновити, відновити, можна писати, пишіть мені, хочу отримувати, хочу знову отримувати,
    подписаться, начать, возобновить, подпишите меня, пишите мне, pidpysatysia`,
  help: `
    help, help me, info, who is this, who is it, who are you, what is this, what is it,
    допомога, допоможіть, потрібна допомога, довідка, інфо, інформація, помощь, помогите, нужна помощь, справка, инфо, информация,
    хто це, хто ви, ви хто, хто ви такі, хто ви такий, хто пише, хто це пише, хто мені пише, а хто це, це хто, що це, що це таке,
    від кого, від кого це, що це за номер, що за номер, що це за опитування, що за опитування, що це за повідомлення, що за повідомлення,
    звідки мій номер, звідки у вас мій номер, звідки ви маєте мій номер, звідки ви знаєте мій номер, звідки ви взяли мій номер,
    хто дав мій номер, хто вам дав мій номер, це шахраї, це шахрайство, це не шахраї,
    кто это, кто вы, вы кто, кто вы такие, кто пишет, кто это пишет, кто мне пишет, а кто это, это кто, что это, что это такое,
    от кого, от кого это, что это за номер, что за номер, что это за опрос, что за опрос, что за сообщение,
    откуда мой номер, откуда у вас мой номер, откуда вы знаете мой номер, откуда вы взяли мой номер, кто дал мой номер,
    это мошенники, это мошенничество, dopomoha, dovidka`,
  wrong_number: `
    wrong number, not my number, wrong person, wrong no, the wrong number, it's the wrong number, its the wrong number,
    this is the wrong number, you have the wrong number, you've got the wrong number, this is not my number, it's not my number,
    not me, it's not me, this is not me,
    не той номер, не цей номер, це не той номер, номер не той, номер не мій, не на той номер, ви не на той номер написали,
    ви помилились, ви помилилися, ви помилились номером, ви помилилися номером, помилились номером, помилилися номером,
    помилилась номером, помилка номером, помилка номера, помилковий номер, ви помилково мені пишете, мабуть ви помилились,
    мабуть ви помилились номером, мабуть ви помилилися номером, здається ви помилились номером, здається ви помилилися номером,
    неправильний номер, невірний номер, це неправильний номер, це невірний номер, не мій номер, це не мій номер, чужий номер,
    не та людина, це не та людина, я не та людина, не той абонент, це не той абонент, це інша людина, я не той,
    не туди, не туди потрапили, ви не туди потрапили, не туди написали, ви не туди написали, не туди пишете, ви не туди пишете,
    ви не тому пишете, ви пишете не тому, ви не за адресою, не за адресою, це не я, ви переплутали номер, ви переплутали номери,
    ошиблись номером, ошиблись, вы ошиблись, вы ошиблись номером, вы ошиблися, ошибка номером, ошибочный номер, вы ошиблись адресом,
    неверный номер, неправильный номер, не тот номер, это не тот номер, номер не тот, не мой номер, это не мой номер, номер не мой,
    чужой номер, не тот абонент, это не тот человек, не тот человек, это не я, не туда, не туда попали, вы не туда попали,
    не туда пишете, вы не туда пишете, не туда написали, вы не туда написали, вы не тому пишете, не по адресу, вы не по адресу,
    вы перепутали номер, ne toi nomer, ne toy nomer`,
  never_visited: `
    мене там не було, мене у вас не було, мене в вас не було, я нікуди не ходила, я нікуди не ходив,
    я не отримувала послугу, я не отримував послугу, я не отримувала послуг, я не отримував послуг,
    я нічого не отримувала, я нічого не отримував, я нічого не замовляла, я нічого не замовляв, не було такого візиту, не було візиту,
    меня там не было, меня у вас не было, я никуда не ходила, я никуда не ходил, я не получала услугу, я не получал услугу,
    я ничего не получала, я ничего не получал, i was not there, i wasn't there, i wasnt there, i have not been there,
    i've never been there, i have never been there, i was never there, i never visited, i didn't visit, i did not visit`,
};

/** What asks for an end by itself. In any order with the words of SURROUNDINGS it still asks for nothing else. */
const ENDINGS = [
  ...'stop, stop stop, stopstop, unsubscribe, unsub, стоп, стоп стоп, стопстоп, відписатися, відписатись, відписати'.split(', '),
  ...'відпишіть, відпишіться, відписка, отписаться, отписатся, отпишите, отпишитесь, отписать, отписка'.split(', '),
  ...'припиніть, припинити, прекратите, прекратить, припиніть писати, прекратите писать'.split(', '),
  ...'відмова, відмовляюсь, відмовляюся, отказ, отказываюсь, отказаться'.split(', '),
  ...'не хочу отримувати, не бажаю отримувати, не хочу получать, не желаю получать'.split(', '),
  ...each('не', 'пишіть пиши писати надсилайте надсилати присилайте присилати шліть турбуйте турбувати дзвоніть спамте'),
  ...each('не', 'пишите писать присылайте присылать шлите отправляйте беспокойте беспокоить звоните спамьте'),
  'не дзвоніть не пишіть', 'не пишіть не дзвоніть', 'не звоните не пишите', 'не пишите не звоните',
  ...['do not', "don't", 'dont'].flatMap((no) => each(no, 'text message contact write send disturb bother call sms')),
  ...each('stop', 'texting messaging writing sending spamming calling'),
]; // prettier-ignore

/**
 * Those that can mean nothing else when they stand for themselves between commas or full stops: "стоп, не пишіть", "Жах! Більше не
 * пишіть". Refusals, calls and infinitives are not among them: "відмова, бо немає довідки" tells of a visit.
 */
const CLEAR_ENDING =
  /^(?:(?:stop|стоп)+|stop (?:texting|messaging|writing|spamming)|unsub(?:scribe)?|відпи(?:сатися|сатись|шіть|шіться)|отпи(?:саться|сатся|шите|шитесь)|не (?:пишіть|надсилайте|присилайте|шліть|турбуйте|спамте|пишите|присылайте|шлите|беспокойте|спамьте))$/;

/** A person's data to be taken away: only with what it is that has to go. */
const REMOVALS = ['видаліть', 'видалити', 'приберіть', 'заберіть', 'забудьте', 'удалите', 'удалить', 'уберите']
  .flatMap((verb) => ['мене', 'номер', 'мій номер', 'меня', 'мой номер'].map((whom) => `${verb} ${whom}`))
  .flatMap((request) => ['', 'з бази', 'зі списку', 'з розсилки', 'из базы', 'из списка', 'из рассылки'].map((from) => `${request} ${from}`)); // prettier-ignore

function each(before: string, words: string): string[] {
  return words.split(' ').map((word) => `${before} ${word}`);
}

/** To whom, what, how long: words that an ending may stand among. No noun of a service is here, no "not", no "need". */
const SURROUNDINGS = new Set(
  (
    'мені мене нам нас мій мою ваш ваші вашу вас мне меня мой мою ваши вашу більше больше ніколи никогда взагалі вообще вже уже ' +
    'зараз сейчас негайно терміново срочно смс sms ммс повідомлення повідомлень повідомленням повідомленнями сообщения сообщений ' +
    'розсилка розсилку розсилки розсилці розсилок рассылка рассылку рассылки рассылок опитування опрос опросы опроса опросов спам ' +
    'вайбер viber участі участь участия номер цей этот цього этого ці эти такі такие запрошення приглашения і и та на у в від от з ' +
    'сюди сюда me my the this these to number any more anymore again ever texts messages surveys survey from list'
  ).split(' '),
);

/** A request stays one when it is polite, urgent or final about it. */
const AROUND = (
  'будь ласка, прошу, пожалуйста, пж, please, pls, дякую, спасибо, thanks, thank you, негайно, вже, уже, срочно, терміново, ' +
  'алло, добрий день, доброго дня, добрий вечір, доброго вечора, доброго ранку, добрый день, здравствуйте, вітаю, привіт, ' +
  'hello, hi, ні дякую, нет спасибо, no thanks, no thank you, вибачте, вибачайте, пробачте, перепрошую, извините, простите, sorry, більше, больше, взагалі, вообще, ніколи, никогда'
).split(', ');

/** "я там не була", "не відвідувала ваш центр": who, where and when in any order around a visit that was not. */
const PLACE =
  '(?:я|ми|мы|там|туди|туда|тут|(?:у|в|до|к) (?:вас|вам)|(?:(?:у|в|до) )?(?:ваш[а-яіїє]* )?(?:цнап[а-яіїє]*|центр[а-яіїє]*|мрео|тсц)|сьогодні|сегодня|вчора|вчера|ніколи|никогда|взагалі|вообще|ваш)';
const VISIT =
  '(?:була|був|були|бував|бувала|ходив|ходила|приходив|приходила|заходив|заходила|відвідував|відвідувала|звертався|зверталась|зверталася|' +
  'была|был|были|бывал|бывала|ходил|приходил|посещал|посещала|обращался|обращалась)';
const NEVER_VISITED = new RegExp(`^(?:(?:${PLACE} )+не ${VISIT}(?: ${PLACE})*|не ${VISIT}(?: ${PLACE})+|не (?:звертався|зверталась|зверталася|обращался|обращалась|відвідував|відвідувала|посещал|посещала))$`); // prettier-ignore

const meanings = new Map<string, Keyword>();
for (const [keyword, phrases] of Object.entries(PHRASES) as [Keyword, string][]) {
  for (const phrase of phrases.split(',').map(foldWords)) if (phrase !== '') meanings.set(phrase, keyword);
}
const endings = new Set(ENDINGS.map(foldWords));
for (const phrase of [...endings, ...REMOVALS.map(foldWords)]) meanings.set(phrase, 'opt_out');
/** The same written as one word: `нетурбувати`. Short ones could be words of their own. */
const joined = new Map(
  [...meanings].flatMap(([phrase, meaning]) =>
    phrase.includes(' ') && phrase.length > 7 ? [[phrase.replaceAll(' ', ''), meaning] as const] : [],
  ),
);

/**
 * What the whole message asks for; undefined when it is no keyword. The whole message has to be the phrase, give or
 * take politeness: "не стоп" and "стоп-сигнал не працює" ask for nothing. A clear request to stop counts also where
 * more is said before or after it, since writing on is the worse mistake.
 */
export function keywordOf(text: string): Keyword | undefined {
  const folded = foldText(text);
  // A layout slip turns letters into marks (б is a comma's key), so it is undone before marks are dropped.
  const typed = [folded, ...retyped(folded)].map(foldWords);
  for (const words of typed) {
    for (const reading of new Set([words, cyrillicLooking(words), ...unmixed(words)])) {
      const meaning = meaningOf(reading);
      if (meaning) return meaning;
    }
  }
  if (clausesOf(folded).some(isClearEnding)) return 'opt_out';
  return /^[?!]{0,3}\?[?!]{0,3}$/.test(folded) ? 'help' : undefined;
}

/** What stands between the marks that part sentences, but for questions; a hyphen inside a word parts nothing. */
function clausesOf(folded: string): string[] {
  const clauses = folded.replaceAll(/ [-–—]+ /g, '.').matchAll(/([^.,;:!?…()]+)(\??)/gu);
  return [...clauses].filter(([, , asked]) => asked === '').map(([, clause = '']) => foldWords(clause));
}

function isClearEnding(clause: string): boolean {
  const words = bare(once(spelled(cyrillicLooking(clause) === 'стоп' ? 'стоп' : clause)));
  const core = words.split(' ').filter((word) => !SURROUNDINGS.has(word));
  return CLEAR_ENDING.test(core.join(' '));
}

function meaningOf(words: string): Keyword | undefined {
  const phrase = bare(once(spelled(words)));
  const meaning = meanings.get(words) ?? meanings.get(phrase) ?? joined.get(words);
  if (meaning) return meaning;
  if (isEnding(phrase)) return 'opt_out';
  return [words, phrase].some((said) => NEVER_VISITED.test(said)) ? 'never_visited' : undefined;
}

/** An ending among words that only say to whom and of what. `стооооп` is drawn out, and means it; Р for П is one alphabet too few. */
function isEnding(words: string): boolean {
  if (/^(с+ ?т+ ?о+ ?п+|s+ ?t+ ?o+ ?p+|ctop|стор)$/.test(words)) return true;
  const core = words.split(' ').filter((word) => !SURROUNDINGS.has(word));
  return core.length > 0 && endings.has(core.join(' '));
}

/** "с т о п" and "s.t.o.p" are one word. */
function spelled(words: string): string {
  return /^\p{L}( \p{L}){3,}$/u.test(words) ? words.replaceAll(' ', '') : words;
}

/** A word said several times over is said once. */
function once(words: string): string {
  const [first = '', ...more] = words.split(' ');
  return more.every((word) => word === first) ? first : words;
}

/** Without courtesies at either end. */
function bare(words: string): string {
  let rest = words;
  for (;;) {
    const shorter = AROUND.reduce((text, courtesy) => {
      if (text.startsWith(`${courtesy} `)) return text.slice(courtesy.length + 1);
      return text.endsWith(` ${courtesy}`) ? text.slice(0, -courtesy.length - 1) : text;
    }, rest);
    if (shorter === rest) return rest;
    rest = shorter;
  }
}
