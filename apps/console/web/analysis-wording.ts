import type { Finding } from '#reporting/difference';
import type { Verdict } from '#reporting/comparison';
import type { Flag } from '#reporting/question';
import type { Locale } from './wording.js';

/** Texts of the analysis page and of the monthly report. */
export interface AnalysisWords {
  readonly title: string;
  readonly intro: string;
  readonly filter: {
    readonly title: string;
    readonly centre: string;
    readonly service: string;
    readonly campaign: string;
    readonly channel: string;
    readonly all: string;
    readonly apply: string;
    readonly clear: string;
    readonly group: string;
    readonly month: string;
    readonly flags: (any: string) => string;
    readonly without: Readonly<Record<Flag, (n: string) => string>>;
  };
  readonly groups: Readonly<Record<string, string>>;
  readonly none: string;
  readonly figure: {
    readonly share: string;
    readonly interval: string;
    readonly n: string;
    readonly count: string;
  };
  readonly provisional: (open: string) => string;
  readonly funnel: { readonly title: string; readonly note: string; readonly ofInvited: string };
  readonly rates: {
    readonly title: (group: string) => string;
    readonly note: string;
    readonly cases: string;
    readonly answered: string;
    readonly few: string;
    readonly whole: string;
  };
  readonly scores: {
    readonly title: string;
    readonly note: string;
    readonly hidden: string;
    readonly hiddenWhy: string;
    readonly satisfied: string;
    readonly mean: string;
    readonly loyalty: string;
    readonly band: Readonly<Record<string, string>>;
    readonly n: (n: string) => string;
    readonly definition: string;
    readonly distribution: string;
    readonly texts: (n: string) => string;
    readonly by: string;
    readonly yes: string;
    readonly no: string;
  };
  readonly trend: {
    readonly title: string;
    readonly note: string;
    readonly rate: string;
    readonly drop: (since: string) => string;
    readonly steady: string;
    readonly unwatched: string;
    readonly week: string;
  };
  readonly compare: {
    readonly title: string;
    readonly note: string;
    readonly expected: string;
    readonly standardised: string;
    readonly shrunk: string;
    readonly place: string;
    readonly noPlace: string;
    readonly verdict: string;
    readonly verdicts: Readonly<Record<Verdict, string>>;
    readonly byChance: (p95: string, p998: string, all: string) => string;
    readonly noDifference: string;
    readonly hidden: (n: string) => string;
    readonly nothing: string;
    readonly lines: string;
    readonly cases: string;
  };
  readonly experiments: {
    readonly title: string;
    readonly note: string;
    readonly nothing: string;
    readonly outcome: Readonly<Record<string, string>>;
    readonly arm: string;
    readonly difference: string;
    readonly finding: string;
    readonly findings: Readonly<Record<Finding, string>>;
    readonly arms: Readonly<Record<string, string>>;
    readonly looks: string;
    readonly points: string;
  };
  readonly chart: string;
  readonly scroll: string;
}

const uk: AnalysisWords = {
  title: 'Аналіз',
  intro:
    'Усе на сторінці випливає з її адреси: її можна надіслати колезі. Оцінки найкраще дивитися за цілі місяці.',
  filter: {
    title: 'Що показати',
    centre: 'Центр',
    service: 'Послуга',
    campaign: 'Кампанія',
    channel: 'Канал',
    all: 'усі',
    apply: 'Показати',
    clear: 'Скинути',
    group: 'Групувати за',
    month: 'Звіт центру за місяць',
    flags: (any) => `Позначені візити: ${any}`,
    without: {
      robots: (n) => `без відповідей програм (${n})`,
      staff: (n) => `без записів працівників (${n})`,
    },
  },
  groups: {
    centre: 'центром',
    service: 'послугою',
    channel: 'каналом',
    campaign: 'кампанією',
    variant: 'варіантом тексту',
    language: 'мовою',
    week: 'тижнем',
    month: 'місяцем',
  },
  none: 'не вказано',
  figure: { share: 'частка', interval: '95 % інтервал', n: 'відповідей', count: 'кількість' },
  provisional: (open) => `Попередньо: ще можуть відповісти ${open}.`,
  funnel: {
    title: 'Від візиту до відповіді',
    note: 'Частки від запрошених з 95 % інтервалом. Хто дійшов до кроку, пройшов і попередні.',
    ofInvited: 'від запрошених',
  },
  rates: {
    title: (group) => `Рівень відповідей за ${group}`,
    note: 'RR2: повні й часткові відповіді серед вибірки. Якщо інтервали перетинаються, різниця не доведена.',
    cases: 'у вибірці',
    answered: 'відповіли',
    few: 'замало даних',
    whole: 'Разом',
  },
  scores: {
    title: 'Оцінки',
    note: 'Відповіді, що надійшли вчасно. Поруч із кожною цифрою її визначення: різні визначення не порівнюють.',
    hidden: 'приховано',
    hiddenWhy:
      'Менше десяти відповідей, або з цієї цифри можна було б обчислити таку групу, або період розрізає дні з малою кількістю відповідей. Спробуйте цілі місяці.',
    satisfied: 'Задоволені (4 і 5)',
    mean: 'Середня оцінка',
    loyalty: 'Індекс лояльності',
    band: { negative: 'відʼємний', 'not negative': 'не відʼємний' },
    n: (n) => `Відповідей: ${n}`,
    definition: 'визначення',
    distribution: 'Розподіл відповідей',
    texts: (n) => `Вільних текстів: ${n}`,
    by: 'Задоволені за групами',
    yes: 'так',
    no: 'ні',
  },
  trend: {
    title: 'За тижнями',
    note: 'Падіння шукає CUSUM проти перших тижнів; без змін тривога буває щонайбільше в 5 зі 100 таких рядів.',
    rate: 'Рівень відповідей, RR2',
    drop: (since) => `Частка впала: ознаки накопичуються з тижня ${since}.`,
    steady: 'Падіння не видно.',
    unwatched: 'Замало завершених тижнів, щоб шукати падіння.',
    week: 'тиждень',
  },
  compare: {
    title: 'Центри поруч',
    note: 'Порівняння всередині складу послуг: кожен центр проти того, що разом роблять усі з тими самими послугами.',
    expected: 'очікувано',
    standardised: 'за спільного складу послуг',
    shrunk: 'з поправкою на випадок',
    place: 'місце, 95 %',
    noPlace: 'місця не визначити',
    verdict: 'висновок',
    verdicts: {
      far_below: 'значно нижче за всіх',
      below: 'мабуть, нижче за всіх',
      alike: 'не відрізнити від усіх',
      above: 'мабуть, вище за всіх',
      far_above: 'значно вище за всіх',
    },
    byChance: (p95, p998, all) =>
      `Якби центри не відрізнялися, з ${all} випадково вийшли б за межі 95 % близько ${p95}, за межі 99,8 % близько ${p998}.`,
    noDifference: 'Центри не відрізняються більше, ніж це робить випадок.',
    hidden: (n) => `Приховано центрів із замалою кількістю відповідей: ${n}.`,
    nothing: 'Порівнювати ще нічого.',
    lines: 'межі 95 % і 99,8 %',
    cases: 'відповідей',
  },
  experiments: {
    title: 'Варіанти і контрольна група',
    note: 'Людей розподілено випадково. Різниця проти першого рядка з 95 % інтервалом.',
    nothing: 'За цей період варіантів і контрольної групи немає.',
    outcome: { RR2: 'рівень відповідей', 'returned/30d': 'прийшли знову протягом 30 днів' },
    arm: 'варіант',
    difference: 'різниця',
    finding: 'висновок',
    findings: {
      open: 'ще рано: не всі посилання закрито',
      not_enough: 'ще замало даних',
      alike: 'різниці, що важила б, немає',
      higher: 'вище',
      lower: 'нижче',
    },
    arms: { control: 'контрольна група', invited: 'запрошені' },
    looks:
      'Хто дивиться щодня, доки різниця не зʼявиться, побачить її й там, де її немає: визначте день висновку заздалегідь.',
    points: 'п. п.',
  },
  chart: 'Графік; ті самі числа в таблиці нижче',
  scroll: 'Таблиця, прокручується вбік',
};

const en: AnalysisWords = {
  title: 'Analysis',
  intro:
    'Everything on the page follows from its address, so it can be sent to a colleague. Scores are best read over whole months.',
  filter: {
    title: 'What to show',
    centre: 'Centre',
    service: 'Service',
    campaign: 'Campaign',
    channel: 'Channel',
    all: 'all',
    apply: 'Show',
    clear: 'Reset',
    group: 'Group by',
    month: 'Monthly report of the centre',
    flags: (any) => `Flagged visits: ${any}`,
    without: {
      robots: (n) => `without answers of programs (${n})`,
      staff: (n) => `without records made by staff (${n})`,
    },
  },
  groups: {
    centre: 'centre',
    service: 'service',
    channel: 'channel',
    campaign: 'campaign',
    variant: 'text variant',
    language: 'language',
    week: 'week',
    month: 'month',
  },
  none: 'not given',
  figure: { share: 'share', interval: '95 % interval', n: 'answers', count: 'count' },
  provisional: (open) => `Provisional: ${open} can still answer.`,
  funnel: {
    title: 'From visit to answer',
    note: 'Shares of the invited with 95 % intervals. Whoever reached a step reached those before it.',
    ofInvited: 'of the invited',
  },
  rates: {
    title: (group) => `Response rate by ${group}`,
    note: 'RR2: complete and partial answers among the sample. Where intervals overlap, a difference is not shown.',
    cases: 'in the sample',
    answered: 'answered',
    few: 'too few cases',
    whole: 'Total',
  },
  scores: {
    title: 'Scores',
    note: 'Answers that came in time. Each figure names its definition: two definitions are not compared.',
    hidden: 'hidden',
    hiddenWhy:
      'Fewer than ten answers, or such a group could be worked out from this figure, or the period cuts through days with few answers. Try whole months.',
    satisfied: 'Satisfied (4 and 5)',
    mean: 'Mean mark',
    loyalty: 'Loyalty index',
    band: { negative: 'negative', 'not negative': 'not negative' },
    n: (n) => `Answers: ${n}`,
    definition: 'definition',
    distribution: 'Distribution of answers',
    texts: (n) => `Free texts: ${n}`,
    by: 'Satisfied by group',
    yes: 'yes',
    no: 'no',
  },
  trend: {
    title: 'By week',
    note: 'CUSUM against the first weeks looks for a drop; without any change at most 5 of 100 such series raise an alarm.',
    rate: 'Response rate, RR2',
    drop: (since) => `The share has fallen: the evidence gathers from week ${since}.`,
    steady: 'No drop is visible.',
    unwatched: 'Too few closed weeks to look for a drop.',
    week: 'week',
  },
  compare: {
    title: 'Centres beside each other',
    note: 'Compared inside the service mix: each centre against what all together do with the same services.',
    expected: 'expected',
    standardised: 'at the common service mix',
    shrunk: 'allowing for chance',
    place: 'place, 95 %',
    noPlace: 'no place can be told',
    verdict: 'finding',
    verdicts: {
      far_below: 'clearly below all',
      below: 'probably below all',
      alike: 'cannot be told apart from all',
      above: 'probably above all',
      far_above: 'clearly above all',
    },
    byChance: (p95, p998, all) =>
      `If centres did not differ, chance alone would put about ${p95} of ${all} outside the 95 % lines and about ${p998} outside the 99.8 % lines.`,
    noDifference: 'The centres do not differ by more than chance makes.',
    hidden: (n) => `Centres hidden for too few answers: ${n}.`,
    nothing: 'There is nothing to compare yet.',
    lines: 'lines at 95 % and 99.8 %',
    cases: 'answers',
  },
  experiments: {
    title: 'Variants and control group',
    note: 'People were assigned at random. Difference from the first row with a 95 % interval.',
    nothing: 'There are no variants and no control group in this period.',
    outcome: { RR2: 'response rate', 'returned/30d': 'came again within 30 days' },
    arm: 'variant',
    difference: 'difference',
    finding: 'finding',
    findings: {
      open: 'too early: some links are still open',
      not_enough: 'not enough yet',
      alike: 'no difference that would matter',
      higher: 'higher',
      lower: 'lower',
    },
    arms: { control: 'control group', invited: 'invited' },
    looks:
      'Whoever looks every day until a difference appears will find one where there is none: fix the day of the verdict beforehand.',
    points: 'points',
  },
  chart: 'Chart; the same numbers are in the table below',
  scroll: 'Table, scrolls sideways',
};

const byLocale: Readonly<Record<Locale, AnalysisWords>> = { uk, en };

export function analysisWords(locale: Locale): AnalysisWords {
  return byLocale[locale];
}
