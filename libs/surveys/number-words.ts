/** Numbers as people write them in words, Ukrainian, Russian and English, with the names of school marks. */
const NUMBER_WORDS: readonly string[] = [
  'нуль ноль zero',
  'один одна одне одиниця одиничка единица единичка one odyn',
  'два дві двійка двойка двоечка two dva',
  'три трійка тройка троечка three',
  'чотири чотирі четвірка четвірочка четыре четверка четвёрка четверочка four chotyry',
  "п'ять пять пьять п'ятірка п'ятірочка пятірка пятерка пятёрка пятерочка пятёрочка five pyat piat p'yat",
  'шість шесть шістка six',
  'сім семь сімка seven',
  'вісім восемь вісімка eight',
  "дев'ять девять дев'ятка nine",
  'десять десятка десяточка ten',
];

/** After "із" and "из": чотири з п'яти, восемь из десяти. */
const GENITIVES: readonly string[] = [
  '', 'одного', 'двох двух', 'трьох трех трёх', "чотирьох четырех четырёх", "п'яти пяти п'ятьох",
  'шести шістьох', 'семи сьоми', 'восьми', "дев'яти девяти", 'десяти десятьох',
]; // prettier-ignore

const numbers = index(NUMBER_WORDS);
const genitives = index(GENITIVES);

function index(rows: readonly string[]): ReadonlyMap<string, number> {
  return new Map(rows.flatMap((row, n) => row.split(' ').map((word) => [word, n] as const)));
}

/** The number a folded word names; undefined for other words. */
export function numberOfWord(word: string): number | undefined {
  return word === '' ? undefined : numbers.get(word);
}

/** The same in the form that follows "of": `п'яти`. */
export function numberOfGenitive(word: string): number | undefined {
  return word === '' ? undefined : (genitives.get(word) ?? numbers.get(word));
}
