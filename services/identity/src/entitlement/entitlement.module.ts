import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CentreClient, CentreRegion } from '@caretab/centre';
import { dataOf } from '@caretab/contracts';
import { type ServiceParts, STORE } from '@caretab/host';
import { type DynamicModule, Module } from '@nestjs/common';
import { type Static, Type } from '@sinclair/typebox';
import type { IdentityConfig } from '../config';
import { Persons } from '../person/persons';
import { Centre } from './centre';
import { CentreCalls } from './centre-calls';
import { CENTRE, CENTRE_CALLS, EntitlementController } from './entitlement.controller';

/** Of each of two questions. */
const TIMEOUT_MS = 5_000;

const Code = Type.String({ pattern: '^\\d{2,6}$' });
const File = Type.Object({
  description: Type.String(),
  medTypes: Type.Object({ outpatient: Code, emergency: Code, inpatient: Code }),
  insuranceTypes: Type.Array(Code, { minItems: 1 }),
  region: CentreRegion,
});
const SHIPPED = join(__dirname, '../../data/centre.json');

/** Signs out (9002) when the process stops. */
const SIGN_OUT = Symbol('sign-out at the centre');

@Module({})
class EntitlementModule {}

/** Wires the door to the region's centre; without its address it is said to be unset. */
export const entitlementModule = (
  { config, store, clock, fetch }: ServiceParts<Static<typeof IdentityConfig>>,
  persons: Persons,
): DynamicModule => {
  const { IDENTITY_CENTRE_URL: url, IDENTITY_CENTRE_SECRET: secret } = config;
  const file = config.IDENTITY_CENTRE_FILE ?? SHIPPED;
  const { region, ...rules } = dataOf(file, readFileSync(file, 'utf8'), File);
  const client =
    url !== undefined && secret !== undefined
      ? new CentreClient({ url, secret, region, timeoutMs: TIMEOUT_MS, clock, fetch })
      : null;
  const centre = client && new Centre({ client, clock, rules });
  const calls = client && new CentreCalls(client, rules.insuranceTypes);
  return {
    module: EntitlementModule,
    controllers: [EntitlementController],
    providers: [
      { provide: STORE, useValue: store },
      { provide: Persons, useValue: persons },
      { provide: CENTRE, useValue: centre },
      { provide: CENTRE_CALLS, useValue: calls },
      { provide: SIGN_OUT, useValue: { onApplicationShutdown: () => client?.stop() } },
    ],
  };
};
