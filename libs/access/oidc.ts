import * as client from 'openid-client';
import { isLoopback } from '#config/loopback';
import type { OidcConfig } from '#config/oidc';
import { AppError, reasonOf } from '#kernel/errors';

const TIMEOUT_SECONDS = 10;

/** What must come back with the answer; it stays sealed in the browser meanwhile. */
export interface PendingSignIn {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
}

/** Who the provider says it is; every claim was in a signed ID token made for us and for this sign-in. */
export interface ProvenIdentity {
  readonly issuer: string;
  readonly subject: string;
  readonly email: string | undefined;
  readonly emailVerified: boolean;
  readonly claims: Readonly<Record<string, unknown>>;
}

/**
 * Sign-in through the organisation's own provider: OpenID Connect with the authorization code flow, PKCE, state and
 * nonce (OpenID Connect Core 1.0; RFC 7636; RFC 9700). The provider is read when it is first needed.
 */
export class OidcProvider {
  private found: Promise<client.Configuration> | undefined;

  /** `returnTo`: the address of the console that the provider sends people back to; registered there. */
  constructor(
    private readonly config: OidcConfig,
    private readonly returnTo: string,
  ) {}

  /** Where to send the browser, and what to keep. Throws AppError `provider_unreachable` (503). */
  async begin(): Promise<{ url: string; pending: PendingSignIn }> {
    const provider = await this.provider();
    const pending = {
      state: client.randomState(),
      nonce: client.randomNonce(),
      verifier: client.randomPKCECodeVerifier(),
    };
    const url = client.buildAuthorizationUrl(provider, {
      redirect_uri: this.returnTo,
      scope: this.config.scopes,
      response_type: 'code',
      state: pending.state,
      nonce: pending.nonce,
      code_challenge: await client.calculatePKCECodeChallenge(pending.verifier),
      code_challenge_method: 'S256',
    });
    return { url: url.href, pending };
  }

  /**
   * Judges what the browser brought back: `query` is the query of the address. Throws AppError `provider_refused`
   * (403) when anything does not fit: another browser's answer, a forged or expired token, a refusal.
   */
  async finish(query: string, pending: PendingSignIn): Promise<ProvenIdentity> {
    const provider = await this.provider();
    try {
      const tokens = await client.authorizationCodeGrant(provider, new URL(`${this.returnTo}${query}`), {
        expectedState: pending.state,
        expectedNonce: pending.nonce,
        pkceCodeVerifier: pending.verifier,
        idTokenExpected: true,
      });
      const claims = tokens.claims();
      if (!claims) throw new Error('no ID token came');
      return {
        issuer: claims.iss,
        subject: claims.sub,
        email: typeof claims['email'] === 'string' ? claims['email'].trim().toLowerCase() : undefined,
        emailVerified: claims['email_verified'] === true,
        claims: { ...claims },
      };
    } catch (thrown) {
      throw new AppError('provider_refused', 'The provider did not confirm who you are: start again.', {
        status: 403,
        cause: thrown,
      });
    }
  }

  /** A provider that is away now is asked again by the next person. */
  private provider(): Promise<client.Configuration> {
    this.found ??= this.discover().catch((thrown: unknown) => {
      this.found = undefined;
      throw new AppError(
        'provider_unreachable',
        `The sign-in provider cannot be read (${reasonOf(thrown)}): check VIDHUK_OIDC_ISSUER.`,
        { status: 503, cause: thrown },
      );
    });
    return this.found;
  }

  private async discover(): Promise<client.Configuration> {
    const { issuer, clientId, clientSecret } = this.config;
    const provider = await client.discovery(new URL(issuer), clientId, clientSecret, undefined, {
      timeout: TIMEOUT_SECONDS,
      // Without TLS only on this machine; the environment refuses other addresses.
      ...(isLoopback(issuer) && { execute: [client.allowInsecureRequests] }),
    });
    // By default the token's signature is left to TLS; here it is checked with the provider's published keys.
    client.enableNonRepudiationChecks(provider);
    return provider;
  }
}
