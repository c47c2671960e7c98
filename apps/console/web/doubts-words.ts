import { DOUBT_REASON, type DoubtAction } from '#dispatch/doubt';
import type { DoubtState } from '#dispatch/doubt-list.sql';
import type { Locale } from './wording.js';

/** The words of the page of messages in doubt. */
export interface DoubtWords {
  readonly title: string;
  readonly note: string;
  readonly states: Readonly<Record<DoubtState, string>>;
  readonly columns: Readonly<Record<'sent' | 'message' | 'person' | 'why' | 'decide', string>>;
  readonly kinds: Readonly<Record<string, string>>;
  readonly reasons: Readonly<Record<string, string>>;
  readonly empty: string;
  readonly more: string;
  readonly noNumber: string;
  readonly reasonLabel: string;
  readonly reasonHint: string;
  readonly actions: Readonly<Record<DoubtAction, string>>;
  readonly problems: Readonly<Record<string, string>>;
  readonly timeline: string;
}

const uk: DoubtWords = {
  title: 'Повідомлення під сумнівом',
  note: 'Оператор зв’язку не сказав, чи взяв їх. Сумнів минає сам протягом години: зі звітом про доставку, із запитом до оператора або за правилом кампанії. Вирішуйте тут лише тоді, коли знаєте більше: повторне надсилання людина може отримати двічі.',
  states: { uncertain: 'Під сумнівом', abandoned: 'Облишені' },
  columns: { sent: 'Надсилалося', message: 'Повідомлення', person: 'Кому', why: 'Чому', decide: 'Рішення' },
  kinds: { invite: 'запрошення', reminder: 'нагадування', question: 'запитання', reask: 'перепитування', thanks: 'подяка', notice: 'повідомлення' },
  reasons: {
    unknown_outcome: 'оператор зв’язку не відповів ясно',
    worker_lost: 'програма, що надсилала, зникла',
    operator: 'так вирішили тут',
  },
  empty: 'Таких повідомлень немає.',
  more: 'Давніші',
  noNumber: '(номера немає)',
  reasonLabel: 'Звідки це відомо',
  reasonHint: 'Наприклад: «у кабінеті Twilio його немає». Лишається в журналі дій.',
  actions: { resend: 'Надіслати ще раз', abandon: 'Облишити' },
  problems: {
    message_state: 'Це повідомлення вже не під сумнівом.',
    message_expired: 'Надсилати його вже запізно: можна лише облишити.',
    reason_length: `Напишіть, звідки це відомо: від ${DOUBT_REASON.min} до ${DOUBT_REASON.max} знаків.`,
  },
  timeline: 'Усе про запрошення (JSON)',
}; // prettier-ignore

const en: DoubtWords = {
  title: 'Messages in doubt',
  note: 'The carrier did not say whether it took them. Doubts end by themselves within the hour: by a receipt, by asking the carrier, or by the rule of the campaign. Decide here only if you know more: what is sent again may reach the person twice.',
  states: { uncertain: 'In doubt', abandoned: 'Given up' },
  columns: { sent: 'Sent', message: 'Message', person: 'To', why: 'Why', decide: 'Decision' },
  kinds: { invite: 'invitation', reminder: 'reminder', question: 'question', reask: 'question again', thanks: 'thanks', notice: 'notice' },
  reasons: {
    unknown_outcome: 'the carrier gave no clear answer',
    worker_lost: 'the program that sent it is gone',
    operator: 'decided here',
  },
  empty: 'There are no such messages.',
  more: 'Earlier ones',
  noNumber: '(no number)',
  reasonLabel: 'How this is known',
  reasonHint: 'For example: “Twilio\'s console does not list it”. It stays in the audit log.',
  actions: { resend: 'Send again', abandon: 'Give up' },
  problems: {
    message_state: 'This message is not in doubt any more.',
    message_expired: 'It is too late to send it: it can only be given up.',
    reason_length: `Write how this is known: ${DOUBT_REASON.min} to ${DOUBT_REASON.max} characters.`,
  },
  timeline: 'All about the invitation (JSON)',
}; // prettier-ignore

export function doubtWords(locale: Locale): DoubtWords {
  return locale === 'en' ? en : uk;
}
