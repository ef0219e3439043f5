import { Jobs, type ServiceParts } from '@caretab/host';
import type { Clock, Ids } from '@caretab/kernel';
import type { Store } from '@caretab/store';
import { type DynamicModule, Global, Module } from '@nestjs/common';
import type { Static } from '@sinclair/typebox';
import type { IdentityConfig } from '../config';
import { masterIndexOn } from '../master-index/master-index.module';
import type { Persons } from '../person/persons';
import type { Vault } from '../person/vault';
import { readFileSync } from 'node:fs';
import { type CredentialDecoder, noDecoder } from './credential-decoder';
import { DecodedCodes } from './decoded-codes';
import { IssuedHolders } from './issued-holders';
import { IssuerGateway } from './issuer.gateway';
import { issuersIn } from './issuers';

interface Parts {
  readonly store: Store;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly vault: Vault;
  readonly persons: Persons;
  readonly decoder: CredentialDecoder | undefined;
}

const PRUNE_MS = 600_000;

/** Whom an operator's setting names: JSON, or the path of a file of it. */
export const decoderOf = ({
  config: { IDENTITY_ISSUERS: setting },
  clock,
  fetch,
}: ServiceParts<Static<typeof IdentityConfig>>): CredentialDecoder => {
  if (setting === undefined) return noDecoder;
  const text = setting.trimStart().startsWith('[') ? setting : readFileSync(setting, 'utf8');
  return new IssuerGateway({ issuers: issuersIn(text), clock, fetch });
};

/** Codes that others issue, without their door. */
export const decodedOn = ({ store, clock, ids, vault, persons, decoder = noDecoder }: Parts) => {
  const { records } = masterIndexOn({ store, clock, ids, vault, persons });
  const holders = new IssuedHolders({ store, persons, records });
  return new DecodedCodes({ store, clock, vault, persons, holders, decoder });
};

@Global()
@Module({})
class IssuerModule {}

/** Wires codes that others issue. */
export const issuerModule = (parts: Parts): DynamicModule => ({
  module: IssuerModule,
  providers: [
    {
      provide: DecodedCodes,
      inject: [Jobs],
      useFactory: (jobs: Jobs): DecodedCodes => {
        const codes = decodedOn(parts);
        jobs.every('identity.prune-decoded', PRUNE_MS, () => codes.prune());
        return codes;
      },
    },
  ],
  exports: [DecodedCodes],
});
