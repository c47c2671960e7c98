import { createHash, createSign, generateKeyPairSync, randomBytes, type KeyObject } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export const CLIENT = { id: 'vidhuk', secret: 'a secret of the client' };

/** How the issuer's answer may be wrong. */
export interface Twist {
  readonly nonce?: string;
  readonly issuer?: string;
  readonly audience?: string;
  readonly expiresInSeconds?: number;
  readonly foreignKey?: boolean;
  readonly algorithm?: 'none';
}

interface Grant {
  readonly nonce: string;
  readonly challenge: string;
  readonly redirectUri: string;
  readonly claims: Record<string, unknown>;
}

/**
 * An OpenID provider on loopback as the console meets one: discovery, authorization with PKCE, token, keys. It checks
 * what a real one checks (client secret, one-time code, redirect address, verifier) and signs with RS256.
 */
export class OidcIssuer {
  private readonly grants = new Map<string, Grant>();
  private readonly key = generateKeyPairSync('rsa', { modulusLength: 2048 });
  private readonly foreign = generateKeyPairSync('rsa', { modulusLength: 2048 });
  private readonly server: Server;
  /** Who signs in next, and how the answer is wrong. */
  claims: Record<string, unknown> = {};
  twist: Twist = {};
  url = '';

  constructor() {
    this.server = createServer((request, response) => {
      void this.answer(request, response);
    });
  }

  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    this.url = `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
    return this;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '', this.url);
    if (pathname === '/.well-known/openid-configuration') return json(response, 200, this.discovery());
    if (pathname === '/keys') {
      return json(response, 200, { keys: [{ ...this.key.publicKey.export({ format: 'jwk' }), kid: 'one', use: 'sig', alg: 'RS256' }] }); // prettier-ignore
    }
    if (pathname === '/authorize') return this.authorize(searchParams, response);
    if (pathname === '/token') return this.token(request, response);
    return json(response, 404, {});
  }

  private discovery(): object {
    return {
      issuer: this.url,
      authorization_endpoint: `${this.url}/authorize`,
      token_endpoint: `${this.url}/token`,
      jwks_uri: `${this.url}/keys`,
      response_types_supported: ['code'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['RS256'],
      token_endpoint_auth_methods_supported: ['client_secret_post'],
      code_challenge_methods_supported: ['S256'],
    };
  }

  /** The person is signed in there already: the browser goes straight back. */
  private authorize(query: URLSearchParams, response: ServerResponse): void {
    const get = (name: string): string => query.get(name) ?? '';
    const asked = get('client_id') === CLIENT.id && get('response_type') === 'code' && get('code_challenge_method') === 'S256'; // prettier-ignore
    if (!asked) return json(response, 400, { error: 'invalid_request' });
    const code = randomBytes(16).toString('hex');
    this.grants.set(code, { nonce: get('nonce'), challenge: get('code_challenge'), redirectUri: get('redirect_uri'), claims: this.claims }); // prettier-ignore
    const back = new URL(get('redirect_uri'));
    back.searchParams.set('code', code);
    back.searchParams.set('state', get('state'));
    response.writeHead(302, { location: back.href }).end();
  }

  private async token(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = '';
    for await (const chunk of request) text += String(chunk);
    const form = new URLSearchParams(text);
    const grant = this.grants.get(form.get('code') ?? '');
    this.grants.delete(form.get('code') ?? '');
    const challenge = createHash('sha256').update(form.get('code_verifier') ?? '').digest('base64url'); // prettier-ignore
    const fits =
      grant !== undefined &&
      form.get('client_id') === CLIENT.id &&
      form.get('client_secret') === CLIENT.secret &&
      form.get('redirect_uri') === grant.redirectUri &&
      challenge === grant.challenge;
    if (!fits) return json(response, 400, { error: 'invalid_grant' });
    json(response, 200, { access_token: 'unused', token_type: 'Bearer', id_token: this.idToken(grant) });
  }

  private idToken({ nonce, claims }: Grant): string {
    const { twist } = this;
    const seconds = Math.floor(Date.now() / 1000);
    const payload = {
      iss: twist.issuer ?? this.url,
      aud: twist.audience ?? CLIENT.id,
      iat: seconds,
      exp: seconds + (twist.expiresInSeconds ?? 300),
      nonce: twist.nonce ?? nonce,
      ...claims,
    };
    return signed(payload, twist.foreignKey ? this.foreign.privateKey : this.key.privateKey, twist.algorithm);
  }
}

function signed(payload: object, key: KeyObject, algorithm: 'none' | undefined): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const head = `${part({ alg: algorithm ?? 'RS256', kid: 'one', typ: 'JWT' })}.${part(payload)}`;
  if (algorithm === 'none') return `${head}.`;
  return `${head}.${createSign('RSA-SHA256').update(head).sign(key).toString('base64url')}`;
}

function json(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
