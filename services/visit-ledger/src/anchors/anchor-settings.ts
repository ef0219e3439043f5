import { basename, resolve } from 'node:path';
import {
  type AnchorPlace,
  FilePlace,
  type NoteSigner,
  type NoteVerifier,
  readSigner,
  readVerifier,
} from '@caretab/anchors';
import { anchorKeysOf, type KnownKeys } from '@caretab/host';
import { assert } from '@caretab/kernel';
import type { Static } from '@sinclair/typebox';
import type { VisitLedgerConfig } from '../config';

/** Who signs anchors, whose are believed, and where they are kept. */
export interface AnchorPorts {
  readonly signer: NoteSigner;
  readonly verifiers: readonly NoteVerifier[];
  readonly places: readonly AnchorPlace[];
}

const PLACES_MIN = 2;

const listOf = (text = ''): string[] => text.split(',').filter((each) => each !== '');

const formerIn = ({
  VISIT_LEDGER_ANCHOR_FORMER_KEYS: former,
}: Static<typeof VisitLedgerConfig>): readonly NoteVerifier[] => listOf(former).map(readVerifier);

/** By which anchors are signed, and were; none where no anchors are wanted. */
export const anchorKeysIn = (config: Static<typeof VisitLedgerConfig>): readonly KnownKeys[] => {
  const { VISIT_LEDGER_ANCHOR_KEY: key } = config;
  return key === undefined
    ? []
    : [anchorKeysOf('VISIT_LEDGER_ANCHOR_KEY', [readSigner(key).verifier, ...formerIn(config)])];
};

/** Undefined where no anchors are wanted. Throws what is wrong with the settings, and no key. */
export const anchorPortsOf = (
  config: Static<typeof VisitLedgerConfig>,
): AnchorPorts | undefined => {
  const folders = listOf(config.VISIT_LEDGER_ANCHOR_PLACES).map((each) => resolve(each));
  const { VISIT_LEDGER_ANCHOR_KEY: key } = config;
  if (key === undefined && folders.length === 0) return undefined;
  assert(key !== undefined, 'VISIT_LEDGER_ANCHOR_KEY is set where VISIT_LEDGER_ANCHOR_PLACES is');
  assert(
    new Set(folders).size === folders.length && folders.length >= PLACES_MIN,
    `VISIT_LEDGER_ANCHOR_PLACES names ${PLACES_MIN} different folders or more`,
  );
  const signer = readSigner(key);
  const { name } = signer.verifier;
  return {
    signer,
    verifiers: [signer.verifier, ...formerIn(config)],
    places: folders.map(
      (folder, index) => new FilePlace(`${index + 1} ${basename(folder)}`, folder, name),
    ),
  };
};
