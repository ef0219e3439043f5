import { randomBytes } from 'node:crypto';
import { DAY_MS } from '@caretab/contracts';
import type { ServiceParts } from '@caretab/host';
import { type Ids, systemClock } from '@caretab/kernel';
import type { SealingKeys } from '@caretab/security';
import type { Store } from '@caretab/store';
import { type DynamicModule, Module } from '@nestjs/common';
import type { Static } from '@sinclair/typebox';
import type { IdentityConfig } from '../config';
import { rolesToday } from '../guardianship/wards';
import { noteMerged } from '../merge/merged-tokens';
import { InstitutionKeys } from '../institution/institution-keys';
import type { Persons } from '../person/persons';
import { SubjectController } from '../subject/subject.controller';
import { Subjects } from '../subject/subjects';
import { AssertionsTaken } from './assertions-taken';
import { SignIns } from './sign-ins';
import { SigningKeys } from './signing-keys';
import { TokenController } from './token.controller';
import { Tokens } from './tokens';

@Module({})
class SignInModule {}

interface Parts {
  readonly config: ServiceParts<Static<typeof IdentityConfig>>['config'];
  readonly store: Store;
  readonly ids: Ids;
  readonly institutionKeys: InstitutionKeys;
  readonly sealingKeys: SealingKeys;
  readonly persons: Persons;
}

/** Wires subjects and the issuer of tokens. They go by the machine's clock, as their callers do. */
export const signInModule = ({
  config,
  store,
  ids,
  institutionKeys,
  sealingKeys,
  persons,
}: Parts): DynamicModule => {
  const parts = { store, clock: systemClock, randomness: randomBytes, sealingKeys };
  const keys = new SigningKeys({ ...parts, keyAgeMs: config.IDENTITY_TOKEN_KEY_DAYS * DAY_MS });
  const signIns = new SignIns(parts);
  const tokens = new Tokens({
    ...{ issuer: config.OIDC_ISSUER, keys, signIns, clock: systemClock, ids },
    assertions: new AssertionsTaken(store),
    rolesToday: (roles, subjectId) =>
      store.transact(async (transaction) => {
        const today = await rolesToday(transaction, persons, roles);
        await noteMerged(transaction, subjectId, { roles, today });
        return today;
      }),
    keyOf: (apiKey) => store.transact((transaction) => institutionKeys.used(transaction, apiKey)),
  });
  return {
    module: SignInModule,
    controllers: [TokenController, SubjectController],
    providers: [
      { provide: SigningKeys, useValue: keys },
      { provide: SignIns, useValue: signIns },
      { provide: Tokens, useValue: tokens },
      { provide: InstitutionKeys, useValue: institutionKeys },
      { provide: Subjects, useValue: new Subjects(parts) },
    ],
  };
};
