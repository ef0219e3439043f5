import { basename, resolve } from 'node:path';
import {
  type AnchoredLog,
  Anchoring,
  type AnchorReport,
  compareAll,
  type ComparisonParts,
  FilePlace,
  type NoteVerifier,
  readVerifier,
  signerOf,
} from '@caretab/anchors';
import { assert, type Clock } from '@caretab/kernel';
import { deriveKey } from '@caretab/security';
import type { ChassisConfig } from '../chassis-config';
import type { Degradation } from '../degradations';
import { anchorKeysOf, type KnownKeys } from '../fingerprints';
import type { ServiceDefinition } from '../service';

type Settings = Pick<
  ChassisConfig,
  'ACCESS_ANCHOR_KEY' | 'ACCESS_ANCHOR_FORMER_KEYS' | 'ACCESS_ANCHOR_PLACES'
>;

/** A log of one service. */
interface ServiceLog {
  readonly service: string;
  readonly kind: 'access' | 'book';
  readonly log: AnchoredLog;
  readonly clock: Clock;
}

/** Between two anchors of a log that grows. */
export const ANCHOR_INTERVAL_MS = 60_000;

const PLACES_MIN = 2;
const SEED_BYTES = 32;
const SAID = {
  access: { what: 'the anchors of records of access', runbook: 'docs/runbooks/who-looked.md' },
  book: { what: 'the anchors of the book', runbook: 'docs/runbooks/books.md' },
} as const;
const listOf = (text = ''): string[] => text.split(',').filter((each) => each !== '');

/** What is forgotten of a log in time, and what is not. */
type Forgotten = Pick<ComparisonParts, 'keptFrom' | 'forgottenUntil'>;

/** The anchors of one log of a service, in folders outside of its database. */
export class ServiceAnchors {
  private readonly anchoring: Anchoring;
  private readonly comparison: ComparisonParts;
  private readonly since: Date;

  constructor(
    private readonly parts: Pick<
      ConstructorParameters<typeof Anchoring>[0],
      'log' | 'store' | 'places' | 'signer' | 'verifiers'
    > & { readonly kind: ServiceLog['kind']; readonly clock: Clock },
  ) {
    const { clock, kind: _, ...common } = parts;
    this.since = clock.now();
    const anchoring = new Anchoring({
      ...{ ...common, leads: () => true, publish: async () => undefined },
      elapsedMs: () => clock.now().getTime(),
      now: () => clock.now(),
    });
    this.anchoring = anchoring;
    this.comparison = { ...common, remembered: () => anchoring.remembered };
  }

  /** By which others verify the anchors. */
  get publicKey(): string {
    return this.parts.signer.verifier.text;
  }

  /** Anchors what is new. Two processes that do so keep anchors that are both true. */
  runOnce(): Promise<0> {
    return this.anchoring.runOnce();
  }

  /** Whether every place had the newest anchor, at the last run. */
  get isWhole(): boolean {
    return this.anchoring.faults().length === 0;
  }

  /** Compares the whole log with what was anchored. */
  compare(forgotten: Forgotten = {}): Promise<AnchorReport> {
    return compareAll({ ...this.comparison, ...forgotten });
  }

  degradations(): readonly Degradation[] {
    const { what, runbook } = SAID[this.parts.kind];
    return this.anchoring
      .faults()
      .map((why) => ({ what, why: `${why} (${runbook})`, since: this.since }));
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
  { service, kind }: Pick<ServiceLog, 'service' | 'kind'>,
) => {
  const name = `caretab/${kind}/${service}`;
  const { signer } = signerOf(name, deriveKey(seedOf(secret, service), name));
  const isOwn = (verifier: NoteVerifier): boolean => verifier.name === name;
  return { name, signer, former: listOf(formerKeys).map(readVerifier).filter(isOwn) };
};

const KEYS = { access: 'ACCESS_ANCHOR_KEY', book: 'ACCESS_ANCHOR_KEY of the book' } as const;

/** By which the anchors of a service's logs are signed, and were; none where none are wanted. */
export const serviceAnchorKeysOf = (
  settings: Settings,
  { name: service, book }: Pick<ServiceDefinition<any>, 'name' | 'book'>,
): readonly KnownKeys[] => {
  const { ACCESS_ANCHOR_KEY: secret } = settings;
  if (secret === undefined) return [];
  const kinds: readonly ServiceLog['kind'][] = book ? ['access', 'book'] : ['access'];
  return kinds.map((kind) => {
    const { signer, former } = keysOf(settings, secret, { service, kind });
    return anchorKeysOf(KEYS[kind], [signer.verifier, ...former]);
  });
};

/** Undefined where no anchors are wanted. Throws what is wrong with the settings, and no key. */
export const serviceAnchorsOf = (
  settings: Settings,
  { service, kind, log, clock }: ServiceLog,
): ServiceAnchors | undefined => {
  const folders = listOf(settings.ACCESS_ANCHOR_PLACES).map((each) => resolve(each));
  const { ACCESS_ANCHOR_KEY: secret } = settings;
  if (secret === undefined && folders.length === 0) return undefined;
  assert(secret !== undefined, 'ACCESS_ANCHOR_KEY is set where ACCESS_ANCHOR_PLACES is');
  assert(
    new Set(folders).size === folders.length && folders.length >= PLACES_MIN,
    `ACCESS_ANCHOR_PLACES names ${PLACES_MIN} different folders or more`,
  );
  const { name, signer, former } = keysOf(settings, secret, { service, kind });
  return new ServiceAnchors({
    ...{ signer, log, kind, clock, store: `${kind}:${service}` },
    verifiers: [signer.verifier, ...former],
    places: folders.map(
      (folder, index) => new FilePlace(`${index + 1} ${basename(folder)}`, folder, name),
    ),
  });
};
