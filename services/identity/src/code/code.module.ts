import { randomBytes } from 'node:crypto';
import { Jobs } from '@caretab/host';
import type { Clock, Ids } from '@caretab/kernel';
import { assert } from '@caretab/kernel';
import { CodeSigner, DerivedKeys, type MasterKeys } from '@caretab/security';
import type { Store } from '@caretab/store';
import { type DynamicModule, Global, Module } from '@nestjs/common';
import { CardRows } from '../card/card-rows';
import type { Persons } from '../person/persons';
import type { Vault } from '../person/vault';
import { CodeController } from './code.controller';
import { IssuedCodes } from './issued-codes';
import { ShownCodes } from './shown-codes';

interface Parts {
  readonly store: Store;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly vault: Vault;
  readonly persons: Persons;
  readonly keys: MasterKeys;
}

const PRUNE_MS = 60_000;

/** Derived from the master key that seals now, by its suite: it changes as that one does. */
const signerOf = (masters: MasterKeys): (() => CodeSigner) => {
  const keys = new DerivedKeys(masters, 'identity code signing');
  let known: { readonly seed: Buffer; readonly signer: CodeSigner } | undefined;
  return () => {
    const seed = keys.keyOf(keys.currentId, keys.suite);
    assert(seed, 'the key that seals is there');
    if (known?.seed !== seed) known = { seed, signer: new CodeSigner(seed, keys.suite) };
    return known.signer;
  };
};

/** Codes without their door. */
export const codesOn = ({ store, clock, ids, vault, persons, keys }: Parts) => ({
  issued: new IssuedCodes({
    ...{ store, clock, persons, rows: new CardRows({ clock, ids, vault }) },
    ...{ randomness: randomBytes, signer: signerOf(keys) },
  }),
  shown: new ShownCodes({ store, clock, persons }),
});

@Global()
@Module({})
class CodeModule {}

/** Wires codes of our own. */
export const codeModule = (parts: Parts): DynamicModule => {
  const { issued, shown } = codesOn(parts);
  return {
    module: CodeModule,
    controllers: [CodeController],
    providers: [
      {
        provide: IssuedCodes,
        inject: [Jobs],
        useFactory: (jobs: Jobs): IssuedCodes => {
          jobs.every('identity.prune-codes', PRUNE_MS, () => issued.prune());
          return issued;
        },
      },
      { provide: ShownCodes, useValue: shown },
    ],
    exports: [ShownCodes],
  };
};
