import { basename, resolve } from 'node:path';
import { Anchoring, FilePlace, type NoteVerifier, readVerifier, signerOf } from '@caretab/anchors';
import { assert, type Clock } from '@caretab/kernel';
import { deriveKey } from '@caretab/security';
import type { Store } from '@caretab/store';
import type { ChassisConfig } from '../chassis-config';
import type { Degradation } from '../degradations';
import { anchorKeysOf, type KnownKeys } from '../fingerprints';
import { type AnchoredBy, recordLog } from './verification';

type Settings = Pick<
  ChassisConfig,
  'ACCESS_ANCHOR_KEY' | 'ACCESS_ANCHOR_FORMER_KEYS' | 'ACCESS_ANCHOR_PLACES'
>;

const PLACES_MIN = 2;
const SEED_BYTES = 32;
const RUNBOOK = 'docs/runbooks/who-looked.md';
const listOf = (text = ''): string[] => text.split(',').filter((each) => each !== '');

/** The anchors of one service's records, in folders outside of its database. */
export class AccessAnchors {
  readonly by: AnchoredBy;
  private readonly anchoring: Anchoring;
  private readonly since: Date;

  constructor(
    private readonly parts: AnchoredBy & {
      readonly signer: ConstructorParameters<typeof Anchoring>[0]['signer'];
      readonly store: string;
      readonly records: Store;
      readonly clock: Clock;
    },
  ) {
    const { records, clock, ...common } = parts;
    this.since = clock.now();
    this.anchoring = new Anchoring({
      ...{ ...common, log: recordLog(records), leads: () => true, publish: async () => undefined },
      elapsedMs: () => clock.now().getTime(),
      now: () => clock.now(),
    });
    this.by = { ...common, remembered: () => this.anchoring.remembered };
  }

  /** By which others verify the anchors. */
  get publicKey(): string {
    return this.parts.signer.verifier.text;
  }

  /** Anchors what is new. Two processes that do so keep anchors that are both true. */
  runOnce(): Promise<0> {
    return this.anchoring.runOnce();
  }

  degradations(): readonly Degradation[] {
    return this.anchoring.faults().map((why) => ({
      what: 'the anchors of records of access',
      why: `${why} (${RUNBOOK})`,
      since: this.since,
    }));
  }
}

const seedOf = (secret: string, service: string): Buffer => {
  const seeds = secret.startsWith('{') ? (JSON.parse(secret) as Record<string, string>) : undefined;
  const seed = Buffer.from((seeds ? seeds[service] : secret) ?? '', 'base64');
  assert(seed.length === SEED_BYTES, `ACCESS_ANCHOR_KEY has ${SEED_BYTES} bytes for ${service}`);
  return seed;
};

const keysOf = (
  { ACCESS_ANCHOR_FORMER_KEYS: formerKeys }: Settings,
  secret: string,
  service: string,
) => {
  const name = `caretab/access/${service}`;
  const { signer } = signerOf(name, deriveKey(seedOf(secret, service), name));
  const isOwn = (verifier: NoteVerifier): boolean => verifier.name === name;
  return { name, signer, former: listOf(formerKeys).map(readVerifier).filter(isOwn) };
};

/** By which a service's anchors are signed, and were; none where no anchors are wanted. */
export const accessAnchorKeysOf = (settings: Settings, service: string): readonly KnownKeys[] => {
  const { ACCESS_ANCHOR_KEY: secret } = settings;
  if (secret === undefined) return [];
  const { signer, former } = keysOf(settings, secret, service);
  return [anchorKeysOf('ACCESS_ANCHOR_KEY', [signer.verifier, ...former])];
};

/** Undefined where no anchors are wanted. Throws what is wrong with the settings, and no key. */
export const accessAnchorsOf = (
  settings: Settings,
  {
    service,
    records,
    clock,
  }: { readonly service: string; readonly records: Store; readonly clock: Clock },
): AccessAnchors | undefined => {
  const folders = listOf(settings.ACCESS_ANCHOR_PLACES).map((each) => resolve(each));
  const { ACCESS_ANCHOR_KEY: secret } = settings;
  if (secret === undefined && folders.length === 0) return undefined;
  assert(secret !== undefined, 'ACCESS_ANCHOR_KEY is set where ACCESS_ANCHOR_PLACES is');
  assert(
    new Set(folders).size === folders.length && folders.length >= PLACES_MIN,
    `ACCESS_ANCHOR_PLACES names ${PLACES_MIN} different folders or more`,
  );
  const { name, signer, former } = keysOf(settings, secret, service);
  return new AccessAnchors({
    ...{ signer, records, clock, store: `access:${service}` },
    verifiers: [signer.verifier, ...former],
    places: folders.map(
      (folder, index) => new FilePlace(`${index + 1} ${basename(folder)}`, folder, name),
    ),
  });
};
