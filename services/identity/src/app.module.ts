import { Jobs, keyRotation, type ServiceParts, STORE } from '@caretab/host';
import { type Clock, systemClock } from '@caretab/kernel';
import { DerivedKeys, KeyFile } from '@caretab/security';
import { type DynamicModule, Module } from '@nestjs/common';
import type { Static } from '@sinclair/typebox';
import type { IdentityConfig } from './config';
import { activationModule, registriesOf } from './activation/activation.module';
import type { Registries } from './activation/registries';
import { cardModule } from './card/card.module';
import { CardMoves } from './card/card-moves';
import { CardRows } from './card/card-rows';
import { codeModule } from './code/code.module';
import { Consents } from './consent/consents';
import { DeathController } from './death/death.controller';
import { Deaths } from './death/deaths';
import { entitlementModule } from './entitlement/entitlement.module';
import { Destruction } from './erasure/destruction';
import { ErasureConsumer } from './erasure/erasure.consumer';
import { ErasureController } from './erasure/erasure.controller';
import { Erasures } from './erasure/erasures';
import { observeErasures } from './erasure/metrics';
import { NeighbourClient } from './erasure/neighbours.adapter';
import { guardianshipModule } from './guardianship/guardianship.module';
import { InstitutionKeys } from './institution/institution-keys';
import { InstitutionController } from './institution/institution.controller';
import { Institutions } from './institution/institutions';
import { observeKeys } from './institution/metrics';
import type { CredentialDecoder } from './issuer/credential-decoder';
import { decoderOf, issuerModule } from './issuer/issuer.module';
import { masterIndexModule } from './master-index/master-index.module';
import { mergeModule } from './merge/merge.module';
import { Holders } from './person/holders';
import { Mobiles } from './person/mobiles';
import { PersonController } from './person/person.controller';
import { Persons, type PersonsParts } from './person/persons';
import { sealedTables } from './person/sealed-tables';
import { Vault } from './person/vault';
import { sealedSignIns } from './sign-in/sealed-tables';
import { signInModule } from './sign-in/sign-in.module';

/** How often child cards are looked at: one that is shown meanwhile is judged by the day itself. */
const CHILD_CARDS_MS = 60_000;

@Module({})
export class IdentityModule {}

export interface IdentityPorts extends Pick<PersonsParts, 'later'> {
  /** By which keys end; the machine's where there is none. */
  readonly keyClock?: Clock;
  /** False where no master index is kept, as in simulations of visits. */
  readonly keepsIndex?: boolean;
  /** False: no job ends guardianships; as `keepsIndex` where nothing is said. */
  readonly endsGuardianships?: boolean;
  /** Who is asked about a citizen outside; without them no activation is worked on. */
  readonly registries?: Registries;
  /** Who decodes codes that others issue; without it none is. */
  readonly decoder?: CredentialDecoder;
}

export const identityPorts = (
  parts: ServiceParts<Static<typeof IdentityConfig>>,
): IdentityPorts => ({ registries: registriesOf(parts), decoder: decoderOf(parts) });

/** Wires doors and rows; the vault alone knows the master key. */
export const identityModule = (
  parts: ServiceParts<Static<typeof IdentityConfig>>,
  { later, keyClock = systemClock, keepsIndex = true, ...ports }: IdentityPorts,
): DynamicModule => {
  const { config, store, clock, ids, timers, fetch, tokens, logger, backlog, keepKeys } = parts;
  const { registries, decoder } = ports;
  const keys = new KeyFile('IDENTITY_MASTER_KEY', config.IDENTITY_MASTER_KEY);
  const vault = new Vault(keys);
  const sealingKeys = new DerivedKeys(keys, 'identity sign-in');
  const persons = new Persons({ store, clock, ids, vault, later });
  const intervalMs = keepsIndex ? config.IDENTITY_INDEX_INTERVAL_MS : undefined;
  const cardRows = new CardRows({ clock, ids, vault });
  const cardMoves = new CardMoves({ rows: cardRows });
  const consents = new Consents({ store, clock, ids, deviceClock: keyClock });
  const mobiles = new Mobiles({ persons, vault });
  const asking = { tokens, timers, fetch };
  const credit = { url: config.CREDIT_URL, asked: 'credit', ...asking } as const;
  const neighbours = new NeighbourClient({
    credit,
    ledger: { url: config.VISIT_LEDGER_URL, asked: 'visit-ledger', ...asking },
  });
  const institutionKeys = new InstitutionKeys({ store, clock: keyClock });
  const institutions = new Institutions({
    ...{ store, clock, keys: institutionKeys },
    takesChosenKeys: config.IDENTITY_CHOSEN_KEYS === 'on',
  });
  observeKeys(institutionKeys);
  const erasures = new Erasures({
    ...{ store, clock, ids, persons, neighbours },
    destruction: new Destruction({ clock, persons, vault, cards: cardRows }),
  });
  observeErasures(store, clock);
  backlog.measure('identity.erasures', () => erasures.countUnderWay());
  return {
    module: IdentityModule,
    imports: [
      signInModule({ config, store, ids, institutionKeys, sealingKeys, persons }),
      masterIndexModule({ ...{ store, clock, ids, vault, persons }, intervalMs }),
      mergeModule({ store, clock, ids, persons }, credit),
      cardModule({ ...{ store, clock, ids, vault, persons }, intervalMs: CHILD_CARDS_MS }),
      guardianshipModule(
        { store, clock, ids, persons, consents },
        (ports.endsGuardianships ?? keepsIndex)
          ? config.IDENTITY_GUARDIANSHIP_INTERVAL_MS
          : undefined,
      ),
      codeModule({ store, clock, ids, vault, persons, keys }),
      issuerModule({ store, clock, ids, vault, persons, decoder }),
      entitlementModule(parts, persons),
      activationModule(parts, { registries, persons, mobiles, vault, consents }),
    ],
    controllers: [
      PersonController,
      DeathController,
      ErasureController,
      ErasureConsumer,
      InstitutionController,
    ],
    providers: [
      { provide: Persons, useValue: persons },
      { provide: STORE, useValue: store },
      { provide: Holders, useValue: new Holders({ store, persons }) },
      { provide: Deaths, useValue: new Deaths({ store, clock, persons, vault, cards: cardMoves }) },
      {
        provide: Erasures,
        inject: [Jobs],
        useFactory: (jobs: Jobs): Erasures => {
          jobs.every('identity.erase', config.IDENTITY_ERASE_INTERVAL_MS, () => erasures.runOnce());
          return erasures;
        },
      },
      keyRotation({
        ...{ service: 'identity', store, clock, logger, keys, keepKeys },
        tables: [...sealedTables(vault, cardRows), ...sealedSignIns(sealingKeys)],
      }),
      { provide: InstitutionKeys, useValue: institutionKeys },
      { provide: Institutions, useValue: institutions },
    ],
  };
};
