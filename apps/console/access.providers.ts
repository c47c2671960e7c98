import type { Provider } from '@nestjs/common';
import { AuditLog } from '#access/audit-log';
import { Doorkeeper } from '#access/doorkeeper';
import { OidcProvider } from '#access/oidc';
import { OidcPeople } from '#access/oidc-people';
import { OwnAccount } from '#access/own-account';
import { People } from '#access/people';
import { SecondFactors } from '#access/second-factor';
import { SignInThrottle } from '#access/sign-in-throttle';
import { Vault } from '#contacts/vault';
import type { RunningProcess } from '#store/process';
import { OIDC, type Oidc } from './web/oidc.controller.js';

/** Everything by which people come in and are remembered, made once for the console. */
export function accessProviders(
  { database, clock, log, secretKey, environment }: RunningProcess,
  audit: AuditLog,
): Provider[] {
  const vault = new Vault(secretKey);
  const throttle = new SignInThrottle(vault);
  const factors = new SecondFactors(vault);
  const { oidc: config, consoleUrl = '' } = environment;
  const oidc: Oidc = !config
    ? null
    : {
        provider: new OidcProvider(config, `${consoleUrl}/sign-in/provider/return`),
        people: new OidcPeople(database, audit, clock, config),
      };
  return [
    { provide: Vault, useValue: vault },
    { provide: AuditLog, useValue: audit },
    { provide: People, useValue: new People(database, audit, clock) },
    {
      provide: OwnAccount,
      useValue: new OwnAccount(database, audit, factors, throttle, clock, environment.secondFactorFor),
    },
    { provide: Doorkeeper, useValue: new Doorkeeper(database, clock, audit, throttle, factors, log) },
    { provide: OIDC, useValue: oidc },
  ];
}
