import { Agent, request } from 'undici';
import { AppError } from '#kernel/errors';
import { requireLoopback } from '../webhooks.js';

export interface Page {
  readonly url: string;
  readonly status: number;
  readonly html: string;
  /** Where a redirect led that is no web address, such as `viber://…`. */
  readonly handedTo?: string;
}

const MOST_REDIRECTS = 10;
const TIMEOUT_MS = 15_000;
const AGENT_NAME =
  'Mozilla/5.0 (Linux; Android 14; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Mobile Safari/537.36';

/** Connections to our gateway that all virtual visitors use. */
export class Network {
  private readonly agent = new Agent({ connections: 8, keepAliveTimeout: 10_000 });

  /** A fresh browser with no cookies. */
  browser(): Browser {
    return new Browser(this.agent);
  }

  async close(): Promise<void> {
    await this.agent.destroy();
  }
}

/** A browser without JavaScript: pages, forms, redirects and cookies of one site. */
export class Browser {
  private cookies = new Map<string, string>();
  private at: string | undefined;

  constructor(private readonly agent: Agent) {}

  async open(url: string): Promise<Page> {
    return this.follow('GET', url, undefined);
  }

  /** Sends a form from the page the browser is on. */
  async submit(action: string, fields: readonly (readonly [string, string])[]): Promise<Page> {
    const url = new URL(action === '' ? (this.at ?? '') : action, this.at).href;
    const body = new URLSearchParams(fields.map(([name, value]): [string, string] => [name, value]));
    return this.follow('POST', url, body.toString());
  }

  /** Loads the page's own pictures, as browsers do; what they are and whether they come makes no difference. */
  async loadImages({ url, html }: Page): Promise<void> {
    const sources = [...html.matchAll(/<img\b[^>]*?\ssrc\s*=\s*["']?([^"'\s>]+)/gi)].map(
      ([, source = '']) => source,
    );
    const own = sources
      .filter((source) => URL.canParse(source, url) && new URL(source, url).origin === new URL(url).origin)
      .map((source) => new URL(source, url).href);
    await Promise.allSettled(own.map((source) => this.exchange('GET', source, undefined, 'image')));
  }

  private async follow(method: 'GET' | 'POST', url: string, body: string | undefined): Promise<Page> {
    let step: { method: 'GET' | 'POST'; url: string; body: string | undefined } = { method, url, body };
    for (let hops = 0; hops <= MOST_REDIRECTS; hops++) {
      const { status, location, html } = await this.exchange(step.method, step.url, step.body);
      const here = step.url;
      if (location === undefined) {
        this.at = here;
        return { url: here, status, html };
      }
      const next = new URL(location, here);
      if (!/^https?:$/.test(next.protocol)) return { url: here, status, html, handedTo: next.href };
      // 307 and 308 repeat the request; every other redirect is followed by GET.
      const repeat = status === 307 || status === 308;
      step = { method: repeat ? step.method : 'GET', url: next.href, body: repeat ? step.body : undefined };
    }
    throw new AppError(
      'too_many_redirects',
      `More than ${MOST_REDIRECTS} redirects from ${new URL(url).pathname}`,
    );
  }

  private async exchange(
    method: 'GET' | 'POST',
    url: string,
    body: string | undefined,
    destination: 'document' | 'image' = 'document',
  ): Promise<{ status: number; location: string | undefined; html: string }> {
    requireLoopback(url);
    const { origin } = new URL(url);
    const page = destination === 'document';
    const response = await request(url.replace(/#.*$/s, ''), {
      method,
      dispatcher: this.agent,
      signal: AbortSignal.timeout(TIMEOUT_MS),
      headers: {
        accept: page ? 'text/html,application/xhtml+xml' : 'image/avif,image/webp,*/*',
        'accept-language': 'uk-UA,uk;q=0.9,en;q=0.5',
        'user-agent': AGENT_NAME,
        'sec-fetch-dest': destination,
        'sec-fetch-mode': page ? 'navigate' : 'no-cors',
        'sec-fetch-site': this.at === undefined ? 'none' : 'same-origin',
        ...(this.at === undefined ? {} : { referer: this.at }),
        ...(this.cookies.size > 0 ? { cookie: this.cookieHeader() } : {}),
        ...(body === undefined ? {} : { origin, 'content-type': 'application/x-www-form-urlencoded' }),
      },
      ...(body === undefined ? {} : { body }),
    });
    this.keepCookies(response.headers['set-cookie']);
    const { location } = response.headers;
    const html = await response.body.text();
    const redirects = response.statusCode >= 300 && response.statusCode < 400 && typeof location === 'string';
    return { status: response.statusCode, location: redirects ? location : undefined, html };
  }

  private cookieHeader(): string {
    return [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  }

  private keepCookies(header: string | string[] | undefined): void {
    for (const line of [header ?? []].flat()) {
      const [pair = '', ...attributes] = line.split(';');
      const [name = '', ...value] = pair.split('=');
      const gone = attributes.some((attribute) => /^\s*max-age=0*\s*$/i.test(attribute));
      if (gone) this.cookies.delete(name.trim());
      else this.cookies.set(name.trim(), value.join('=').trim());
    }
  }
}
