import type { CaseAction } from '../cases/case-desk.js';
import type { CaseState } from '../cases/cases.sql.js';
import type { Locale } from './wording.js';

/** The words of the pages of low scores. */
export interface CaseWords {
  readonly title: string;
  readonly note: string;
  readonly filters: Readonly<Record<'standing' | CaseState, string>>;
  readonly states: Readonly<Record<CaseState, string>>;
  readonly columns: Readonly<Record<'opened' | 'centre' | 'scores' | 'state', string>>;
  readonly empty: string;
  readonly more: string;
  readonly back: string;
  readonly matter: (id: string) => string;
  readonly facts: Readonly<Record<'visit' | 'centre' | 'service' | 'desk' | 'employee' | 'finished' | 'phone' | 'assignee', string>>;
  readonly unknown: string;
  readonly said: string;
  readonly nothingSaid: string;
  readonly notes: string;
  readonly noNotes: string;
  readonly forgotten: string;
  readonly noteLabel: string;
  readonly noteHint: string;
  readonly actions: Readonly<Record<CaseAction, string>>;
  readonly problems: Readonly<Record<string, string>>;
  readonly timeline: string;
} // prettier-ignore

const uk: CaseWords = {
  title: 'Низькі оцінки',
  note: 'Справа відкривається, коли відповідь не вища за поріг питання. Одна на візит.',
  filters: { standing: 'Незакриті', open: 'Нові', taken: 'У роботі', closed: 'Закриті' },
  states: { open: 'нова', taken: 'у роботі', closed: 'закрита' },
  columns: { opened: 'Надійшла', centre: 'Центр і послуга', scores: 'Оцінки', state: 'Стан' },
  empty: 'Справ тут немає.',
  more: 'Давніші',
  back: 'До всіх справ',
  matter: (id) => `Справа ${id}`,
  facts: {
    visit: 'Візит',
    centre: 'Центр',
    service: 'Послуга',
    desk: 'Вікно',
    employee: 'Працівник',
    finished: 'Завершено',
    phone: 'Номер',
    assignee: 'Взяв(-ла)',
  },
  unknown: 'невідомо',
  said: 'Що написала людина',
  nothingSaid: 'Нічого не написано.',
  notes: 'Нотатки',
  noNotes: 'Нотаток ще немає.',
  forgotten: '(видалено разом із даними людини)',
  noteLabel: 'Нотатка',
  noteHint: 'Що зроблено або з’ясовано. Щоб закрити справу, нотатка обов’язкова.',
  actions: { take: 'Взяти в роботу', release: 'Повернути', note: 'Додати нотатку', close: 'Закрити', reopen: 'Відкрити знову' },
  problems: {
    note_missing: 'Напишіть нотатку: що зроблено або з’ясовано.',
    case_state: 'Хтось уже змінив цю справу. Ось вона зараз.',
  },
  timeline: 'Усе, що сталося із запрошенням (JSON)',
}; // prettier-ignore

const en: CaseWords = {
  title: 'Low scores',
  note: 'A case opens when an answer is at or under the bound of its question. One for each visit.',
  filters: { standing: 'Not closed', open: 'New', taken: 'In hand', closed: 'Closed' },
  states: { open: 'new', taken: 'in hand', closed: 'closed' },
  columns: { opened: 'Came in', centre: 'Centre and service', scores: 'Scores', state: 'State' },
  empty: 'There are no cases here.',
  more: 'Earlier ones',
  back: 'To all cases',
  matter: (id) => `Case ${id}`,
  facts: {
    visit: 'Visit',
    centre: 'Centre',
    service: 'Service',
    desk: 'Desk',
    employee: 'Employee',
    finished: 'Finished',
    phone: 'Number',
    assignee: 'Taken by',
  },
  unknown: 'unknown',
  said: 'What the person wrote',
  nothingSaid: 'Nothing was written.',
  notes: 'Notes',
  noNotes: 'There are no notes yet.',
  forgotten: "(gone with the person's data)",
  noteLabel: 'Note',
  noteHint: 'What was done or found. A case is closed with a note only.',
  actions: { take: 'Take', release: 'Give back', note: 'Add note', close: 'Close', reopen: 'Open again' },
  problems: {
    note_missing: 'Write a note: what was done or found.',
    case_state: 'Somebody has changed this case meanwhile. This is how it stands.',
  },
  timeline: 'All that happened to the invitation (JSON)',
};

export function caseWords(locale: Locale): CaseWords {
  return locale === 'en' ? en : uk;
}
