import { KEY_BYTES, MemoryEventStore, TWIN_KEYS } from '@caretab/event-store';
import type { Clock, Timers } from '@caretab/kernel';

/** Another key in the place of the right one. */
const WRONG_KEYS = {
  ...TWIN_KEYS,
  keys: new Map([[TWIN_KEYS.current, Buffer.alloc(KEY_BYTES, 'another')]]),
};

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
  private readonly right: MemoryEventStore;
  private readonly wrong: MemoryEventStore;

  constructor(parts: { readonly clock: Clock; readonly timers: Timers }) {
    this.owners = new MemoryEventStore({ ...parts, asOwner: true });
    this.right = new MemoryEventStore({ ...parts, logOf: this.owners });
    this.wrong = new MemoryEventStore({ ...parts, logOf: this.owners, keys: WRONG_KEYS });
  }

  /** As a process that starts now sees it. */
  get ofProcess(): MemoryEventStore {
    return this.hasWrongKey ? this.wrong : this.right;
  }
}
