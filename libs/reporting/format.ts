import type { CostGroup, CostReport } from './cost-report.js';
import { csvLine, type Value } from './csv.js';
import { LETTERS } from './disposition.js';
import type { WithFlagged } from './flag.sql.js';
import { STEPS, type FunnelGroup, type FunnelReport } from './funnel-report.js';
import { REASONS, type LedgerGroup, type LedgerReport } from './ledger-report.js';
import { RATES, unknown } from './rates.js';
import type { RatesGroup, RatesReport } from './rates-report.js';
import { SHARE_OF_ONE } from './measure.js';
import type { ScoreEntry, ScoresGroup, ScoresReport } from './scores-report.js';

export type ReportFormat = 'table' | 'csv' | 'json';
export type Report = WithFlagged<RatesReport | LedgerReport | FunnelReport | ScoresReport | CostReport>;
type Group = RatesGroup | LedgerGroup | FunnelGroup | ScoresGroup | CostGroup;

/** A figure with its column name; shares are between 0 and 1 and a person sees them as percent. */
interface Cell {
  readonly name: string;
  readonly value: Value;
  readonly share?: boolean;
  /** Left out of a table with several groups, which has to fit a terminal. */
  readonly detail?: boolean;
}

const MESSAGE_KINDS = ['invite', 'reminder', 'question', 'reask', 'thanks', 'notice'];

/**
 * A report as text. `json` is the report itself; `csv` has a column for every figure, undefined ones empty; `table`
 * is for reading: a single line is a list of all its figures, several show the main ones.
 */
export function formatReport(report: Report, format: ReportFormat): string {
  if (format === 'json') return `${JSON.stringify(report, null, 2)}\n`;
  const lines = report.groups.flatMap(linesOf);
  if (format === 'csv') {
    const header = (lines[0] ?? []).map((cell) => cell.name);
    return [header, ...lines.map((cells) => cells.map((cell) => cell.value))].map(csvLine).join('');
  }
  return `${tableOf(report, lines)}${flaggedLine(report)}`;
}

function tableOf({ from, to }: Report, lines: readonly Cell[][]): string {
  const [only] = lines;
  if (only === undefined) return `no visits from ${from} to ${to}\n`;
  if (lines.length === 1) {
    return columns(only.map((cell) => [cell.name, shown(cell)]));
  }
  const main = lines.map((cells) => cells.filter((cell) => cell.detail !== true));
  return columns([(main[0] ?? []).map((cell) => cell.name), ...main.map((cells) => cells.map(shown))]);
}

/** What a reader must know of signs that answers are not visitors'. */
function flaggedLine({ flagged }: Report): string {
  const { robots, staff, any, without, only } = flagged;
  if (any === 0 && without.length === 0 && only.length === 0) return '';
  const done =
    without.length > 0
      ? `; left out: ${without.join(', ')}`
      : only.length > 0
        ? `; only: ${only.join(', ')}`
        : '';
  return `flagged visits: ${any} (robots ${robots}, staff ${staff})${done}\n`;
}

function linesOf(group: Group): Cell[][] {
  const by = Object.entries(group.by).map(([name, value]) => ({ name, value }));
  if ('scores' in group) return group.scores.flatMap(scoreLines).map((cells) => [...by, ...cells]);
  if ('rates' in group) return [[...by, ...ratesCells(group)]];
  if ('steps' in group) return [[...by, ...STEPS.map((name) => ({ name, value: group.steps[name] }))]];
  if ('decisions' in group) return [[...by, ...ledgerCells(group)]];
  return [[...by, ...costCells(group)]];
}

interface ScoreFigure {
  readonly definition?: string;
  readonly count?: number;
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** One line per figure, so that questions of any type share their columns; a hidden score keeps one, empty. */
function scoreLines({ survey, question, metric, n, satisfied, mean, nps, shares }: ScoreEntry): Cell[][] {
  const line = (figure: string, share: boolean, from?: ScoreFigure): Cell[] => [
    { name: 'survey', value: survey },
    { name: 'question', value: question },
    { name: 'metric', value: metric, detail: true },
    { name: 'n', value: n },
    { name: 'figure', value: figure },
    { name: 'definition', value: from?.definition ?? (from && SHARE_OF_ONE), detail: true },
    { name: 'count', value: from?.count },
    { name: 'value', value: from?.value, share },
    { name: 'low', value: from?.low, share },
    { name: 'high', value: from?.high, share },
  ]; // prettier-ignore
  if (n === null) return [line('hidden', false)];
  const figures = [
    ...(satisfied ? [line('satisfied', true, satisfied)] : []),
    ...(mean ? [line('mean', false, mean)] : []),
    ...(nps ? [line('nps', false, nps)] : []),
  ];
  for (const [value, { share, ...rest }] of Object.entries(shares ?? {})) {
    figures.push(line(`share of ${value}`, true, { ...rest, value: share }));
  }
  return figures.length > 0 ? figures : [line('answers', false)];
}

function costCells({ invited, answered, sms, viber, partsByKind, partsPerAnswer }: CostGroup): Cell[] {
  return [
    { name: 'invited', value: invited },
    { name: 'answered', value: answered },
    { name: 'sms', value: sms.messages },
    { name: 'sms_parts', value: sms.parts },
    { name: 'sms_uncounted', value: sms.uncounted, detail: true },
    { name: 'viber', value: viber.messages },
    ...MESSAGE_KINDS.map((kind) => ({ name: `parts_${kind}`, value: partsByKind[kind] ?? 0, detail: true })),
    { name: 'parts_per_answer', value: partsPerAnswer },
  ];
}

function ratesCells({ counts, coverage, rates, interval, e }: RatesGroup): Cell[] {
  const main = new Set(['RR1', 'RR2', 'COOP4', 'REF1', 'CON1']);
  return [
    { name: 'visits', value: coverage.visits },
    { name: 'invited', value: coverage.invited },
    { name: 'control', value: coverage.control, detail: true },
    { name: 'not_invited', value: coverage.not_invited, detail: true },
    { name: 'pending', value: coverage.pending, detail: true },
    { name: 'open', value: coverage.open },
    ...LETTERS.map((letter) => ({ name: letter, value: counts[letter] })),
    // RR3 and RR4 cannot be read without e and the number of cases it was applied to.
    { name: 'U', value: unknown(counts), detail: true },
    { name: 'e=E/(E+NE)', value: e, detail: true },
    ...RATES.map((name) => ({ name, value: rates[name], share: true, detail: !main.has(name) })),
    { name: 'RR2_low', value: interval.low, share: true },
    { name: 'RR2_high', value: interval.high, share: true },
  ];
}

function ledgerCells({ visits, decisions, reasons, pending }: LedgerGroup): Cell[] {
  return [
    { name: 'visits', value: visits },
    { name: 'invited', value: decisions.invited },
    { name: 'control', value: decisions.control },
    { name: 'not_invited', value: decisions.not_invited },
    { name: 'pending', value: pending },
    ...REASONS.map((name) => ({ name, value: reasons[name] ?? 0 })),
  ];
}

function shown({ value, share }: Cell): string {
  if (value === null || value === undefined) return '–';
  if (typeof value !== 'number') return String(value);
  if (share) return `${(100 * value).toFixed(1)} %`;
  return Number.isInteger(value) ? String(value) : value.toFixed(4);
}

/** Lines of cells under each other; numbers stand to the right. */
function columns(lines: readonly (readonly string[])[]): string {
  const widths = (lines[0] ?? []).map((_, place) =>
    Math.max(...lines.map((line) => [...(line[place] ?? '')].length)),
  );
  const text = (cell: string, place: number): string =>
    place === 0 ? cell.padEnd(widths[place] ?? 0) : cell.padStart(widths[place] ?? 0);
  return lines.map((line) => `${line.map(text).join('  ').trimEnd()}\n`).join('');
}
