import { withoutContacts } from '#reporting/free-text';
import type { ComparedMeasure, CompareReport } from '#reporting/compare-report';
import type { RatesGroup } from '#reporting/rates-report';
import { eligible, unknown } from '#reporting/rates';
import type { Period } from '#reporting/reporting-period';
import type { ScoreEntry } from '#reporting/scores-report';
import { textIn, type Texts } from '#surveys/survey';
import { between, type Tongue } from './analysis-parts.js';
import { scorePart } from './analysis-scores.js';
import { range } from './charts.js';
import { html, type Html } from './html.js';
import type { CentreHead } from './monthly.sql.js';
import { pageFrame } from './page.js';

export interface Monthly {
  readonly centre: CentreHead;
  readonly period: Period;
  readonly rates: RatesGroup;
  /** Visits with a sign of a program or of staff; they are in the figures. */
  readonly flagged: number;
  readonly scores: readonly ScoreEntry[];
  /** Over all centres that the reader sees. */
  readonly compare: CompareReport;
  /** Opened texts of questions whose answers may be shown. */
  readonly comments: readonly { readonly question: string; readonly text: string }[];
  readonly texts: ReadonlyMap<string, Texts>;
  readonly madeOn: string;
}

/** One centre's month for its head and for the wall: A4, in Ukrainian, the state language, whoever prints it. */
export function monthlyPage(monthly: Monthly, tongue: Tongue): string {
  const { centre, period, scores } = monthly;
  const month = tongue.numbers.month(period.from);
  const place = [centre.city, centre.address].filter(Boolean).join(', ');
  return pageFrame(tongue.words, {
    title: `${centre.name}, ${month}`,
    path: `/monthly?centre=${encodeURIComponent(centre.code)}&month=${period.from.slice(0, 7)}`,
    mode: 'sheet',
    main: html`<main id="main">
      <header class="sheet-head">
        <p class="quiet">Звіт за результатами опитування відвідувачів</p>
        <h1>${centre.name}</h1>
        <p class="month">${month}</p>
        ${place !== '' && html`<p class="quiet">${place}</p>`}
      </header>
      ${responseSection(monthly, tongue)}
      <section class="card">
        <h2>Оцінки</h2>
        ${scores.length === 0 && html`<p>За цей місяць опитувань не було.</p>`}
        <div class="questions">
          ${scores.map((entry) => scorePart(entry, questionText(monthly, entry), tongue))}
        </div>
        ${scores.some(({ hidden }) => hidden) && html`<p class="quiet">Приховано: ${tongue.own.scores.hiddenWhy}</p>`}
      </section>
      ${compareSection(monthly, tongue)} ${commentsSection(monthly)} ${methodSection(monthly, tongue)}
    </main>`,
  });
}

function responseSection({ rates: group }: Monthly, { words, own, numbers }: Tongue): Html {
  const { counts, coverage, rates, interval } = group;
  const cases = eligible(counts) + unknown(counts);
  const { low, high } = interval;
  const line = (name: string, n: number): Html =>
    html`<tr>
      <th scope="row">${name}</th>
      <td class="number">${numbers.count(n)}</td>
    </tr>`;
  return html`<section class="card lead">
    <h2>${words.rate.title}</h2>
    ${
      rates.RR2 === null || low === null || high === null
        ? html`<p class="figure none">${words.rate.undefined}</p>`
        : html`<p class="figure">${numbers.share(rates.RR2)}</p>
            ${range(rates.RR2, { low, high }, 1)}
            <p>${words.rate.interval}: <strong>${between({ low, high }, numbers)}</strong></p>`
    }
    ${coverage.open > 0 && html`<p class="finding bad">${own.provisional(numbers.count(coverage.open))}</p>`}
    <table class="counts">
      <tbody>
        ${line(words.key.visits, coverage.visits)} ${line(words.key.invited, coverage.invited)}
        ${line('У вибірці', cases)} ${line('Повні відповіді', counts.I)}
        ${line('Часткові відповіді', counts.P)} ${line(words.key.refused, counts.R)}
        ${line('Не озвалися', counts.NC)} ${line('Не надіслано або не доставлено', counts.UH + counts.UO)}
      </tbody>
    </table>
  </section>`;
}

function compareSection({ compare, centre, texts }: Monthly, { own, numbers }: Tongue): Html {
  const titleOf = ({ question, metric }: ComparedMeasure): string => {
    const text = texts.get(`${metric?.split('/')[0] ?? ''}/${question ?? ''}`);
    return question === null ? own.trend.rate : text ? textIn(text, 'uk') : question;
  };
  const rows = compare.measures.flatMap((measure) => {
    const unit = measure.comparison?.units.find((one) => one.unit === centre.code);
    if (!unit || !measure.comparison || measure.comparison.units.length < 2) return [];
    return [
      html`<tr>
        <th scope="row">${titleOf(measure)}</th>
        <td class="number strong">${numbers.share(unit.share)}</td>
        <td class="number quiet">${between(unit.interval, numbers)}</td>
        <td class="number">${numbers.share(unit.expected)}</td>
        <td class="verdict ${unit.verdict}">${own.compare.verdicts[unit.verdict]}</td>
      </tr>`,
    ];
  });
  return html`<section class="card">
    <h2>Поруч з іншими центрами</h2>
    ${
      rows.length === 0
        ? html`<p>${own.compare.nothing}</p>`
        : html`<p class="quiet">Очікувано: як у всіх разом з тими самими послугами.</p>
            <table class="list">
              <thead>
                <tr>
                  <th scope="col">Показник</th>
                  <th scope="col" class="number">тут</th>
                  <th scope="col" class="number">${own.figure.interval}</th>
                  <th scope="col" class="number">${own.compare.expected}</th>
                  <th scope="col">${own.compare.verdict}</th>
                </tr>
              </thead>
              <tbody>
                ${rows}
              </tbody>
            </table>`
    }
  </section>`;
}

function commentsSection({ comments }: Monthly): Html {
  return html`<section class="card">
    <h2>Що написали відвідувачі</h2>
    ${
      comments.length === 0
        ? html`<p>Текстів немає, або їх менше десяти: тоді їх не показують, щоб не впізнати людину.</p>`
        : html`<p class="quiet">Без порядку; номери й адреси замінено на […].</p>
            <ul class="comments">
              ${comments.map(({ text }) => html`<li>${withoutContacts(text)}</li>`)}
            </ul>`
    }
  </section>`;
}

function methodSection({ period, madeOn, flagged }: Monthly, { numbers }: Tongue): Html {
  return html`<section class="card method">
    <h2>Як пораховано</h2>
    <p class="quiet">
      Візити з ${numbers.day(period.from)} до ${numbers.day(period.to)} за часом центру. RR2 за AAPOR Standard
      Definitions: повні й часткові відповіді серед усіх у вибірці. Інтервали 95 %: Вілсона для часток, t для
      середніх, для індексу лояльності з його дисперсії, а за малих чисел оцінний. Оцінки менш ніж десяти
      людей приховано, а разом з ними ті, з яких їх можна було б обчислити. Відповіли не всі, і ті, хто
      мовчить, можуть думати інакше.
      ${flagged > 0 && `Візитів з ознаками програм або записів працівників: ${numbers.count(flagged)}; вони враховані.`}
      Складено ${numbers.day(madeOn)}
    </p>
  </section>`;
}

function questionText({ texts }: Monthly, { survey, question }: ScoreEntry): string {
  const text = texts.get(`${survey}/${question}`);
  return text ? textIn(text, 'uk') : question;
}
