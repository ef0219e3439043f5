import { MemoryPlace, signerOf } from '@caretab/anchors';
import { KEY_BYTES, MemoryEventStore, TWIN_KEYS } from '@caretab/event-store';
import type { Clock, Timers } from '@caretab/kernel';

/** Another key in the place of the right one. */
const WRONG_KEYS = {
  ...TWIN_KEYS,
  keys: new Map([[TWIN_KEYS.current, Buffer.alloc(KEY_BYTES, 'another')]]),
};

const { signer } = signerOf('caretab/visit-ledger', Buffer.alloc(32, 'twin'));

/** Two places outside of everything, in one seed of seven; what else happens in others stays. */
const anchorsOf = (seed: number) =>
  seed % 7 === 0
    ? {
        signer,
        verifiers: [signer.verifier],
        places: [new MemoryPlace('one'), new MemoryPlace('two')],
      }
    : undefined;

/** One log, as its owner sees it, and as processes of the ledger do. */
export class LedgerTwins {
  readonly owners: MemoryEventStore;
  /** Processes start with another key under the id of the right one. */
  hasWrongKey = false;
  /** No event of the log is away. */
  isWhole = true;
  /** How often events of the log went away. */
  losses = 0;
  /** The stream of a visit that was truncated: it is published once it goes on, behind the checkpoint. */
  truncated: string | undefined;
  /** Puts back what others have taken. */
  putBack: () => void = () => undefined;
  readonly anchors: ReturnType<typeof anchorsOf>;
  private readonly right: MemoryEventStore;
  private readonly wrong: MemoryEventStore;

  constructor({
    seed,
    ...parts
  }: {
    readonly seed: number;
    readonly clock: Clock;
    readonly timers: Timers;
  }) {
    this.anchors = anchorsOf(seed);
    this.owners = new MemoryEventStore({ ...parts, asOwner: true });
    this.right = new MemoryEventStore({ ...parts, logOf: this.owners });
    this.wrong = new MemoryEventStore({ ...parts, logOf: this.owners, keys: WRONG_KEYS });
  }

  /** Whether what a message hands on is kept in a place. */
  hasAnchor(value: string): boolean {
    const { note } = JSON.parse(value) as { note?: string };
    if (!this.anchors || note === undefined) return false;
    const lines = this.anchors.places.flatMap(({ kept }) => [...kept.values()].flat());
    return lines.some((line) => (JSON.parse(line) as { note: string }).note === note);
  }

  /** As a process that starts now sees it. */
  get ofProcess(): MemoryEventStore {
    return this.hasWrongKey ? this.wrong : this.right;
  }
}
