import { contentDigest, type EventSigner, type Signature } from '@caretab/event-store';
import { bytesColumn, instantColumn, integerColumn, table, textColumn } from '@caretab/store';

/** A visit as it stood after an event of its stream. */
export interface SnapshotRow {
  readonly stream: string;
  /** DECIDER_VERSION of the release that took it. */
  readonly decider: string;
  readonly revision: number;
  /** Hex; of that event in the chain: names it and all before it. */
  readonly hash: string;
  readonly state: string;
  /** The seal: one of the ledger's keys, and its code over all of the above. */
  readonly keyId: string;
  readonly mac: Buffer;
  readonly takenAt: Date;
}

export const snapshotTable = table<SnapshotRow>({
  name: 'snapshot',
  columns: {
    stream: textColumn(undefined, { primary: true }),
    decider: textColumn(),
    revision: integerColumn(),
    hash: textColumn(),
    state: textColumn(),
    keyId: textColumn('key_id'),
    mac: bytesColumn(),
    takenAt: instantColumn('taken_at'),
  },
});

type Content = Omit<SnapshotRow, 'keyId' | 'mac'>;

/** No stream of the ledger has such a name: no seal is an event's signature, nor the reverse. */
const digestOf = ({ stream, decider, hash, state }: Content): Buffer =>
  contentDigest({
    ...{ stream: `snapshot of ${stream}`, id: hash, type: decider },
    ...{ data: state, metadata: '' },
  });

export const sealed = (content: Content, signer: EventSigner): SnapshotRow => {
  const { keyId, mac } = signer.sign(digestOf(content), content.revision);
  return { ...content, keyId, mac: Buffer.from(mac) };
};

/** Whether one of the ledger's keys sealed it; a key that is not there did not. */
export const isSealed = (row: SnapshotRow, signer: EventSigner): boolean => {
  const { stream, revision, keyId, mac } = row;
  const signature: Signature = { keyId, mac };
  try {
    return !signer.faultOf({ stream, revision, position: 1n, signature }, digestOf(row));
  } catch {
    return false;
  }
};
