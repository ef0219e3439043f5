import type { ServiceParts } from '@caretab/host';
import { type DynamicModule, Module } from '@nestjs/common';
import type { Static } from '@sinclair/typebox';
import type { IdentityConfig } from './config';
import { InstitutionController } from './institution/institution.controller';
import { Institutions } from './institution/institutions';
import { Guardianships } from './person/guardianships';
import { PersonController } from './person/person.controller';
import { Persons } from './person/persons';
import { Vault } from './person/vault';

@Module({})
export class IdentityModule {}

/** Wires doors and rows; the vault alone knows the master key. */
export const identityModule = ({
  config,
  store,
  clock,
  ids,
}: ServiceParts<Static<typeof IdentityConfig>>): DynamicModule => {
  const vault = new Vault(Buffer.from(config.IDENTITY_MASTER_KEY, 'hex'));
  const persons = new Persons({ store, clock, ids, vault });
  return {
    module: IdentityModule,
    controllers: [PersonController, InstitutionController],
    providers: [
      { provide: Persons, useValue: persons },
      { provide: Guardianships, useValue: new Guardianships({ store, clock, persons }) },
      { provide: Institutions, useValue: new Institutions({ store, clock }) },
    ],
  };
};
