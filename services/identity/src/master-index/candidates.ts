import type { Transaction } from '@caretab/store';
import type { Vault } from '../person/vault';
import { blockingKeys } from './blocking';
import type { Compared } from './demographics';
import { type MatchKeyRow, matchKeyTable } from './source-record.table';

/** Holders read of one key: what more share says little, and is not read. */
export const KEY_HOLDERS_MAX = 20;
/** Persons that are opened and compared. */
export const CANDIDATES_MAX = 20;
/** Keys of one holder: numbers of other domains first, then what the rest of it gives. */
const KEYS_MAX = 20;

/** Finds who may be the same, by keyed hashes alone: the same work among many as among few. */
export class Candidates {
  constructor(private readonly vault: Vault) {}

  /** The keyed hashes under which it is kept. */
  hashesOf(compared: Compared): readonly string[] {
    const hashes = blockingKeys(compared).map(({ kind, text }) =>
      this.vault.indexOf(`blocking ${kind}`, text),
    );
    return [...new Set(hashes)].slice(0, KEYS_MAX);
  }

  /** Keeps a holder under its keys, and under no others. */
  async keep(
    transaction: Transaction,
    holder: Pick<MatchKeyRow, 'holderId' | 'personId'>,
    compared: Compared,
  ): Promise<void> {
    const rows = transaction.rows(matchKeyTable);
    const hashes = this.hashesOf(compared);
    const known = await rows.find({ holderId: holder.holderId });
    const isKept = ({ keyHash, personId }: MatchKeyRow): boolean =>
      personId === holder.personId && hashes.includes(keyHash);
    if (known.length === hashes.length && known.every(isKept)) return;
    await rows.delete({ holderId: holder.holderId });
    if (hashes.length > 0) await rows.insert(...hashes.map((keyHash) => ({ keyHash, ...holder })));
  }

  /** Holders that share a key, those that share most first. */
  async find(
    transaction: Transaction,
    compared: Compared,
    except: string,
  ): Promise<readonly MatchKeyRow[]> {
    const shared = new Map<string, { readonly row: MatchKeyRow; count: number }>();
    for (const keyHash of this.hashesOf(compared)) {
      const rows = await transaction
        .rows(matchKeyTable)
        .find({ keyHash }, { orderBy: 'holderId', countMax: KEY_HOLDERS_MAX });
      for (const row of rows) {
        const known = shared.get(row.holderId);
        if (known) known.count += 1;
        else shared.set(row.holderId, { row, count: 1 });
      }
    }
    return [...shared.values()]
      .filter(({ row }) => row.holderId !== except)
      .sort((a, b) => b.count - a.count)
      .map(({ row }) => row);
  }
}
