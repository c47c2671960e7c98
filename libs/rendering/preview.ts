import { FIELD_LIMITS, type MessageFields } from './fields.js';
import { lintMessage, worstCase, type LintRules } from './lint.js';
import { countParts, type PartReport } from './parts.js';
import { renderMessage, type TemplateProblem } from './template.js';

export interface PreviewedText extends PartReport {
  readonly text: string;
}

export interface Preview {
  /** All that keeps the text from being published, in reading order. */
  readonly problems: readonly TemplateProblem[];
  /** With the values given, or usual ones; null while the text cannot be written. */
  readonly typical: PreviewedText | null;
  /** With every field at its longest. */
  readonly worst: PreviewedText | null;
}

/** Values as they usually are, by language. */
const USUAL: Readonly<Record<string, Omit<MessageFields, 'link'>>> = {
  uk: {
    centre: 'ЦНАП міста Львова',
    service: 'Реєстрація місця проживання',
    date: '24 листопада',
    deadline: '1 грудня',
    sender: 'ЦНАП',
  },
  en: {
    centre: 'ЦНАП міста Львова',
    service: 'Registration of residence',
    date: '24 November',
    deadline: '1 December',
    sender: 'CNAP',
  },
};

const USUAL_CODE = '7Qk2mZ9a';

/**
 * How a message text will look and what it will cost, before it is published. `publicUrl`: base of the short links;
 * when they are longer than texts are counted for, the worst case has them at their own length.
 */
export function previewMessage(
  source: string,
  wanted: LintRules & {
    readonly locale?: string;
    readonly values?: Partial<MessageFields>;
    readonly publicUrl?: string | undefined;
  },
): Preview {
  const { locale = 'uk', values = {}, publicUrl = 'https://v.example.ua', ...rules } = wanted;
  const link = `${publicUrl}/${USUAL_CODE}`;
  const linkLength = Math.max(FIELD_LIMITS.link, link.length);
  const problems = lintMessage(source, { ...rules, linkLength });
  const usual = { ...USUAL['uk'], ...USUAL[locale], link } as MessageFields;
  try {
    const text = renderMessage(source, { ...usual, ...values });
    return { problems, typical: { text, ...countParts(text) }, worst: worstCase(source, linkLength) };
  } catch {
    // Broken braces and unknown fields are in `problems`; there is no text to show yet.
    return { problems, typical: null, worst: null };
  }
}
