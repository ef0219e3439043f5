import type { AnchoredLog } from '@caretab/anchors';
import type { Page, Store, Table } from '@caretab/store';

const PAGE_ROWS = 1_000;

interface Hashed {
  readonly position: number;
  readonly hash: string;
}

/** Rows as a log whose entries are the hashes that stand in them. */
export const hashLog = (
  store: Store,
  table: Table,
  positions: AnchoredLog['positions'],
): AnchoredLog => ({
  positions,
  async *entries(from) {
    let after: number | undefined = Number(from) - 1;
    while (after !== undefined) {
      const place: number = after;
      const { rows, next }: Page<Hashed> = await store.transact((transaction) =>
        transaction
          .rows<Hashed>(table)
          .pageFields(
            ['position', 'hash'],
            {},
            { countMax: PAGE_ROWS, after: { position: place } },
          ),
      );
      if (rows.length > 0)
        yield rows.map(({ position, hash }) => ({
          position: BigInt(position),
          hash: Buffer.from(hash, 'base64url'),
        }));
      after = next?.position;
    }
  },
});
