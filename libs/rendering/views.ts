import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Handlebars from 'handlebars';

/**
 * Web pages from Handlebars files: every `*.hbs` of a folder by its name, each usable as a partial of the others.
 * Values are escaped. Strict: a value that the model lacks is an error and not an empty place.
 */
export class Views<Models extends Readonly<Record<string, object>>> {
  private readonly templates = new Map<string, Handlebars.TemplateDelegate>();

  /** Reads and compiles all views of the folder; throws when one cannot be parsed. */
  constructor(folder: string) {
    const environment = Handlebars.create();
    for (const file of readdirSync(folder).filter((name) => name.endsWith('.hbs'))) {
      const name = file.slice(0, -'.hbs'.length);
      const source = withoutIndent(readFileSync(join(folder, file), 'utf8'));
      environment.registerPartial(name, source);
      this.templates.set(name, environment.compile(source, { strict: true, preventIndent: true }));
    }
  }

  /** The page as HTML. Throws for a view that does not exist or a field that the model lacks. */
  render<Name extends keyof Models & string>(name: Name, model: Models[Name]): string {
    const template = this.templates.get(name);
    if (!template) throw new Error(`there is no view "${name}"`);
    // Handlebars writes = as an entity too; in text and quoted attributes it needs none, and addresses stay readable.
    return template(model).replaceAll('&#x3D;', '=');
  }
}

/** Text as HTML, also inside quoted attributes. */
export function escapeHtml(text: string): string {
  return Handlebars.escapeExpression(text).replaceAll('&#x3D;', '=');
}

/** Indentation is for those who read the source, not for a phone on a slow network. */
function withoutIndent(source: string): string {
  return source.replace(/^[ \t]+/gm, '');
}
