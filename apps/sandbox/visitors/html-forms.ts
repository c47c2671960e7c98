export interface Choice {
  readonly value: string;
  readonly label: string;
  readonly checked: boolean;
}

export interface FormField {
  /** `radio` and `checkbox` hold all inputs of one name; `select` its options. */
  readonly kind: 'radio' | 'checkbox' | 'select' | 'text' | 'hidden';
  readonly name: string;
  readonly value: string;
  readonly choices: readonly Choice[];
  readonly required: boolean;
  /** Not meant for people: out of the tab order or hidden from assistive technology. */
  readonly trap: boolean;
  readonly maxLength: number | undefined;
}

export interface SubmitButton {
  readonly name: string;
  readonly value: string;
  readonly label: string;
  readonly formAction: string | undefined;
}

export interface HtmlForm {
  readonly method: 'get' | 'post';
  /** As written; empty for the page's own address. */
  readonly action: string;
  readonly fields: readonly FormField[];
  readonly buttons: readonly SubmitButton[];
  /** Everything that can be read in it, on one line. */
  readonly text: string;
}

type Attributes = Readonly<Record<string, string>>;
interface Draft {
  method: 'get' | 'post';
  action: string;
  fields: Map<string, Omit<FormField, 'choices'> & { choices: Choice[] }>;
  buttons: SubmitButton[];
  from: number;
}

const TOKEN =
  /<!--[\s\S]*?-->|<(script|style|template|noscript)\b[\s\S]*?<\/\1\s*>|<(\/?)([a-zA-Z][a-zA-Z0-9-]*)((?:[^"'>]|"[^"]*"|'[^']*')*)>/gi;
const ATTRIBUTE = /([^\s"'<>/=]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'=<>`]+)))?/g;

/**
 * The forms of a page as a browser without JavaScript would offer them, read from any well-formed HTML: no knowledge
 * of our own pages. Controls named by a `form` attribute from outside are not supported.
 */
export function formsIn(page: string): HtmlForm[] {
  // Without JavaScript a browser shows what stands in <noscript>.
  const source = page.replace(/<\/?noscript\b[^>]*>/gi, '');
  const reader = new FormReader(source);
  for (const token of source.matchAll(TOKEN)) {
    const [whole, , closing, tag = '', attributes = ''] = token;
    if (tag === '') continue;
    reader.read(
      tag.toLowerCase(),
      closing === '/',
      attributesOf(attributes),
      token.index,
      token.index + whole.length,
    );
  }
  return reader.forms;
}

class FormReader {
  readonly forms: HtmlForm[] = [];
  private form: Draft | undefined;
  private select: { attributes: Attributes; choices: Choice[] } | undefined;
  /** Where the text of a textarea, button, option or label began. */
  private open: { tag: string; attributes: Attributes; from: number } | undefined;
  private label: { for: string | undefined; from: number } | undefined;
  private labels: Map<string, string>;

  constructor(private readonly source: string) {
    this.labels = labelsById(source);
  }

  read(tag: string, closing: boolean, attributes: Attributes, from: number, to: number): void {
    if (tag === 'form') return closing ? this.close(from) : this.begin(attributes, to);
    if (tag === 'label') {
      this.label = closing ? undefined : { for: attributes['for'], from: to };
      return;
    }
    if (!this.form) return;
    // The end tag of an option may be left out.
    const ends = tag === 'option' || tag === 'optgroup' || (closing && tag === 'select');
    if (ends && this.open?.tag === 'option') this.end('option', from);
    if (closing) return this.end(tag, from);
    if (tag === 'input') return this.input(attributes, to);
    if (tag === 'select') this.select = { attributes, choices: [] };
    if (tag === 'textarea' || tag === 'button' || tag === 'option') this.open = { tag, attributes, from: to };
  }

  private begin(attributes: Attributes, from: number): void {
    const method = attributes['method']?.toLowerCase() === 'post' ? 'post' : 'get';
    this.form = { method, action: attributes['action'] ?? '', fields: new Map(), buttons: [], from };
  }

  private close(at: number): void {
    if (this.form) {
      const { method, action, buttons, fields, from } = this.form;
      const text = plainText(this.source.slice(from, at));
      this.forms.push({ method, action, buttons, text, fields: [...fields.values()] });
    }
    this.form = undefined;
  }

  private input(attributes: Attributes, to: number): void {
    const type = (attributes['type'] ?? 'text').toLowerCase();
    const { name = '', value = '' } = attributes;
    if ('disabled' in attributes) return;
    if (type === 'submit') return this.button(attributes, value);
    if (name === '' || ['button', 'reset', 'image', 'file'].includes(type)) return;
    if (type === 'radio' || type === 'checkbox') {
      const choice = {
        value: attributes['value'] ?? 'on',
        label: this.labelOf(attributes, to),
        checked: 'checked' in attributes,
      };
      this.field(type, attributes).choices.push(choice);
    } else this.field(type === 'hidden' ? 'hidden' : 'text', attributes, value);
  }

  private end(tag: string, at: number): void {
    if (tag === 'select' && this.select) {
      this.field('select', this.select.attributes).choices.push(...this.select.choices);
      this.select = undefined;
    }
    if (this.open?.tag !== tag) return;
    const { attributes, from } = this.open;
    const raw = this.source.slice(from, at);
    this.open = undefined;
    if ('disabled' in attributes) return;
    if (tag === 'textarea') this.field('text', attributes, decode(raw).replace(/^\r?\n/, ''));
    if (tag === 'option') {
      const label = plainText(raw);
      this.select?.choices.push({
        value: attributes['value'] ?? label,
        label,
        checked: 'selected' in attributes,
      });
    }
    const submits = tag === 'button' && (attributes['type'] ?? 'submit').toLowerCase() === 'submit';
    if (submits) this.button(attributes, plainText(raw));
  }

  private button(attributes: Attributes, label: string): void {
    const { name = '', value = '', formaction } = attributes;
    this.form?.buttons.push({ name, value, label, formAction: formaction });
  }

  private field(kind: FormField['kind'], attributes: Attributes, value = ''): { choices: Choice[] } {
    const name = attributes['name'] ?? '';
    const known = this.form?.fields.get(`${kind} ${name}`);
    if (known && kind !== 'hidden') return known;
    const maxLength = Number(attributes['maxlength']);
    const field = {
      kind,
      name,
      value,
      choices: [],
      required: 'required' in attributes,
      trap: 'hidden' in attributes || attributes['aria-hidden'] === 'true' || attributes['tabindex'] === '-1',
      maxLength: Number.isInteger(maxLength) && maxLength > 0 ? maxLength : undefined,
    };
    // Hidden fields may repeat a name, each with its own value.
    const key = kind === 'hidden' ? `hidden ${name} ${this.form?.fields.size}` : `${kind} ${name}`;
    this.form?.fields.set(key, field);
    return field;
  }

  /** The label that names the control by id, or the one around it. */
  private labelOf(attributes: Attributes, to: number): string {
    const named = this.labels.get(attributes['id'] ?? '');
    if (named !== undefined) return named;
    if (!this.label) return '';
    const end = this.source.indexOf('</label', to);
    return plainText(this.source.slice(this.label.from, end === -1 ? to : end));
  }
}

function labelsById(source: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const [, attributes = '', content = ''] of source.matchAll(
    /<label\b([^>]*)>([\s\S]*?)<\/label\s*>/gi,
  )) {
    const id = attributesOf(attributes)['for'];
    if (id !== undefined) found.set(id, plainText(content));
  }
  return found;
}

function attributesOf(text: string): Attributes {
  const found: Record<string, string> = {};
  for (const [, name = '', double, single, bare] of text.matchAll(ATTRIBUTE)) {
    found[name.toLowerCase()] ??= decode(double ?? single ?? bare ?? '');
  }
  return found;
}

export function plainText(html: string): string {
  return decode(html.replace(/<[^>]*>/g, ' '))
    .replace(/\s+/g, ' ')
    .trim();
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: '\u00a0', laquo: '«', raquo: '»', mdash: '—', ndash: '–', hellip: '…', rsquo: '’' }; // prettier-ignore

function decode(text: string): string {
  return text.replace(
    /&(?:#x([0-9a-f]+)|#(\d+)|([a-z]+));/gi,
    (whole, hex?: string, decimal?: string, name?: string) => {
      if (hex !== undefined) return String.fromCodePoint(parseInt(hex, 16));
      if (decimal !== undefined) return String.fromCodePoint(Number(decimal));
      return ENTITIES[name ?? ''] ?? whole;
    },
  );
}
