import { parse } from 'node:querystring';

/** The fields of a plain HTML form. Has no prototype, so any name is safe to look up; broken escapes stay as they are. */
export interface Form {
  /** All values of a field. */
  all(name: string): string[];
  one(name: string): string | undefined;
}

const FIELDS_AT_MOST = 100;

export function readForm(body: unknown): Form {
  const fields = parse(Buffer.isBuffer(body) ? body.toString('utf8') : '', '&', '=', {
    maxKeys: FIELDS_AT_MOST,
  });
  const all = (name: string): string[] => {
    const value = fields[name];
    return value === undefined ? [] : Array.isArray(value) ? value : [value];
  };
  return { all, one: (name) => all(name)[0] };
}
