import type { Store } from '@caretab/store';
import { sealed, type SnapshotRow } from '@caretab/visit-ledger';
import { EventSigner, TWIN_KEYS } from '@caretab/event-store';
import { ofAnotherDecider, ofAnotherLog, writingSnapshots } from './planted-snapshots';
import { simulate } from './simulate';

const env = { VISIT_LEDGER_SNAPSHOT_EVENTS: '1' };
const signer = new EventSigner(TWIN_KEYS);
const SEEDS = [1, 2, 5];

/** Snapshots that do not fit: the right ledger lets them lie. */
const UNFIT: readonly (readonly [string, (row: SnapshotRow) => SnapshotRow])[] = [
  ['of another version', (row) => sealed({ ...ofAnotherDecider(row), decider: '0' }, signer)],
  ['of another log', ofAnotherLog],
  ['that were tampered with', ofAnotherDecider],
];

test.each(UNFIT)(
  'a morning holds with snapshots %s',
  async (_what, change) => {
    let written = 0;
    const store = (real: Store, service: string): Store =>
      writingSnapshots((row) => {
        written += 1;
        return change(row);
      })(real, service);
    for (const seed of SEEDS) {
      const { violation } = await simulate(seed, { planted: { name: 'unfit', env, store } });
      expect(violation).toBeUndefined();
    }
    expect(written).toBeGreaterThan(SEEDS.length);
  },
  300_000,
);
