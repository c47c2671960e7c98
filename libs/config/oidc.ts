import { z } from 'zod';
import { isLoopback } from './loopback.js';

const url = z.url({ protocol: /^https?$/, error: 'must be an http(s) address' });
const role = z.enum(['admin', 'analyst', 'operator']);
const roles = z.string().transform((text, context) => {
  const mapped = new Map<string, z.output<typeof role>>();
  for (const part of text.split(',').filter((one) => one.trim() !== '')) {
    const at = part.lastIndexOf('=');
    const given = role.safeParse(part.slice(at + 1).trim());
    const group = part.slice(0, Math.max(0, at)).trim();
    if (group !== '' && given.success) mapped.set(group, given.data);
    else
      context.addIssue({ code: 'custom', message: 'must look like it-department=admin, statistics=analyst' });
  }
  return mapped;
});

/** Sign-in through the organisation's own provider; on when its issuer is there. */
export const oidcNames = {
  VIDHUK_OIDC_ISSUER: url.optional(),
  VIDHUK_OIDC_CLIENT_ID: z.string().min(1).optional(),
  VIDHUK_OIDC_CLIENT_SECRET: z.string().min(1).optional(),
  VIDHUK_OIDC_SCOPES: z.string().min(1).default('openid email profile'),
  VIDHUK_OIDC_ROLE_CLAIM: z.string().min(1).default('groups'),
  VIDHUK_OIDC_ROLES: roles.optional(),
  VIDHUK_OIDC_CENTRE_CLAIM: z.string().min(1).optional(),
};
type Raw = z.output<z.ZodObject<typeof oidcNames>>;

export interface OidcConfig {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly scopes: string;
  /** The claim that lists a person's groups. */
  readonly roleClaim: string;
  /** Which group has which role; empty: roles are kept here, and people are added here first. */
  readonly roles: ReadonlyMap<string, 'admin' | 'analyst' | 'operator'>;
  /** The claim that lists the centres they see, `*` for all; undefined: every centre. */
  readonly centreClaim: string | undefined;
}

/** The provider's configuration; undefined when none is set. What is wrong is added to `problems` by name. */
export function oidcConfig(
  raw: Raw & { readonly VIDHUK_CONSOLE_URL?: string | undefined },
  problems: string[],
): OidcConfig | undefined {
  const { VIDHUK_OIDC_ISSUER: issuer, VIDHUK_OIDC_CLIENT_ID: clientId, VIDHUK_OIDC_CLIENT_SECRET: clientSecret } = raw; // prettier-ignore
  if (issuer === undefined) {
    for (const name of ['VIDHUK_OIDC_CLIENT_ID', 'VIDHUK_OIDC_CLIENT_SECRET', 'VIDHUK_OIDC_ROLES'] as const) {
      if (raw[name] !== undefined) problems.push(`VIDHUK_OIDC_ISSUER: required with ${name}`);
    }
    return undefined;
  }
  if (!clientId) problems.push('VIDHUK_OIDC_CLIENT_ID: required with VIDHUK_OIDC_ISSUER');
  if (!clientSecret) problems.push('VIDHUK_OIDC_CLIENT_SECRET: required with VIDHUK_OIDC_ISSUER');
  if (!raw.VIDHUK_CONSOLE_URL) {
    problems.push('VIDHUK_CONSOLE_URL: required with VIDHUK_OIDC_ISSUER: people are sent back to it');
  }
  if (!isLoopback(issuer) && !issuer.startsWith('https:')) {
    problems.push('VIDHUK_OIDC_ISSUER: must be an https address');
  }
  return {
    issuer,
    clientId: clientId ?? '',
    clientSecret: clientSecret ?? '',
    scopes: raw.VIDHUK_OIDC_SCOPES,
    roleClaim: raw.VIDHUK_OIDC_ROLE_CLAIM,
    roles: raw.VIDHUK_OIDC_ROLES ?? new Map(),
    centreClaim: raw.VIDHUK_OIDC_CENTRE_CLAIM,
  };
}
