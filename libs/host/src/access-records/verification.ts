import type { AnchoredLog, AnchorReport } from '@caretab/anchors';
import type { Page, Store } from '@caretab/store';
import { hashLog } from '../anchors/hash-log';
import type { ServiceAnchors } from '../anchors/service-anchors';
import { recordHash } from './access-record';
import { accessHeadTable, type AccessRecordRow, accessRecordTable } from './access-record.table';

export interface RecordFault {
  readonly kind: 'changed' | 'missing' | 'unchained' | 'head';
  readonly position: number;
}

export interface Verification {
  readonly records: number;
  readonly from: number;
  readonly upTo: number;
  /** The first hundred. */
  readonly faults: readonly RecordFault[];
  readonly anchors: AnchorReport | null;
}

export type AnchoredBy = Pick<ServiceAnchors, 'compare'>;

const PAGE_ROWS = 1_000;
const PROGRESS_RECORDS = 10_000;
const FAULTS_MAX = 100;

/** Records as a log whose entries are their hashes, each over all before it. */
export const recordLog = (store: Store): AnchoredLog =>
  hashLog(store, accessRecordTable, 'growing');

const pageFrom = (store: Store, after: number): Promise<Page<AccessRecordRow>> =>
  store.transact((transaction) =>
    transaction
      .rows(accessRecordTable)
      .page({}, { countMax: PAGE_ROWS, after: { position: after } }),
  );

class Chain {
  readonly faults: RecordFault[] = [];
  count = 0;
  first: number | undefined;
  last: { readonly position: number; readonly hash: string } = { position: 0, hash: '' };

  add(record: AccessRecordRow): void {
    const { position, previous, hash } = record;
    const isFirst = this.first === undefined;
    this.first ??= position;
    // What was forgotten in time is not there; the first one of all follows nothing.
    const follows = isFirst ? position > 1 || previous === '' : previous === this.last.hash;
    if (!isFirst && position !== this.last.position + 1) this.fault('missing', position);
    else if (!follows) this.fault('unchained', position);
    if (recordHash(record) !== hash) this.fault('changed', position);
    this.last = record;
    this.count += 1;
  }

  fault(kind: RecordFault['kind'], position: number): void {
    if (this.faults.length < FAULTS_MAX) this.faults.push({ kind, position });
  }
}

/**
 * Compares the records with their own chain, and with the anchors that are kept outside of their
 * database. Gives how many were looked at meanwhile.
 */
export async function* verified(
  store: Store,
  {
    anchoredBy,
    forgottenUntil,
  }: { readonly anchoredBy: AnchoredBy | undefined; readonly forgottenUntil: Date },
): AsyncGenerator<number, Verification> {
  const chain = new Chain();
  // Before the records: what is recorded meanwhile stands behind it.
  const head = await store.transact((transaction) =>
    transaction.rows(accessHeadTable).get({ id: 'head' }),
  );
  let after: number | undefined = 0;
  while (after !== undefined) {
    const { rows, next }: Page<AccessRecordRow> = await pageFrom(store, after);
    for (const row of rows) {
      chain.add(row);
      if (head?.position === row.position && head.hash !== row.hash)
        chain.fault('head', row.position);
    }
    if (chain.count > 0 && chain.count % PROGRESS_RECORDS === 0) yield chain.count;
    after = next?.position;
  }
  if ((head?.position ?? 0) > chain.last.position) chain.fault('head', head!.position);
  const keptFrom = BigInt(chain.first ?? 0);
  const anchors = (await anchoredBy?.compare({ forgottenUntil, keptFrom })) ?? null;
  return {
    ...{ records: chain.count, from: chain.first ?? 0, upTo: chain.last.position },
    ...{ faults: chain.faults, anchors },
  };
}
