import { assert, canonicalJson, derivedId, DomainError } from '@caretab/kernel';
import type { Store, Transaction } from '@caretab/store';
import type { Persons } from '../person/persons';
import type { Vault } from '../person/vault';
import {
  type CardFilePartRow,
  cardFilePartTable,
  type CardFileReject,
  type CardFileRow,
  cardFileTable,
} from './card-file.table';
import type { Cards } from './cards';
import { cardTable, type CardRow } from './card.table';

export interface FileRow {
  readonly number: string;
  readonly change: 'report-lost' | 'freeze' | 'close';
  readonly why: string;
}

export interface FilePart {
  readonly fileHash: string;
  readonly firstRow: number;
  readonly rows: readonly FileRow[];
  readonly by: string;
}

interface Placed {
  readonly row: number;
  readonly said: FileRow;
  readonly card: CardRow | undefined;
}

/** Black-list files, part by part: each row goes the way of a single change, once. */
export class CardFiles {
  constructor(
    private readonly parts: {
      readonly store: Store;
      readonly vault: Vault;
      readonly persons: Persons;
      readonly cards: Pick<Cards, 'changeWithin'>;
    },
  ) {}

  /** How far the sender's file was taken. */
  progress(fileHash: string, by: string): Promise<Pick<CardFileRow, 'through' | 'rejected'>> {
    return this.parts.store.transact(async (transaction) => {
      const file = await transaction.rows(cardFileTable).get({ fileId: idOf(fileHash, by) });
      return { through: file?.through ?? 0, rejected: file?.rejected ?? 0 };
    });
  }

  /**
   * Judges the next rows: their effects, their rejects and the place in the file are kept together, or
   * none. The same part again is answered as before. Throws CARD_FILE_DIFFERS (conflict): it is not
   * the next part, or not the one that was sent from this row.
   */
  take({ fileHash, firstRow, rows, by }: FilePart): Promise<{
    readonly through: number;
    readonly rejects: readonly CardFileReject[];
  }> {
    const { store, vault } = this.parts;
    const fileId = idOf(fileHash, by);
    const contentHash = vault.indexOf('card-file', canonicalJson(rows));
    return store.transact(async (transaction) => {
      const files = transaction.rows(cardFileTable);
      await files.insertIfAbsent({ fileId, through: 0, rejected: 0 });
      const file = await files.get({ fileId }, { lock: 'wait' });
      assert(file, 'a file that was begun is kept');
      const known = await transaction.rows(cardFilePartTable).get({ fileId, firstRow });
      if (known?.contentHash === contentHash)
        return { through: file.through, rejects: known.rejects };
      if (known !== undefined || firstRow !== file.through + 1)
        throw differs(
          known ? 'other rows were sent from this one' : 'it is not the next row',
          file,
        );
      const rejects = await this.judge(transaction, { firstRow, rows, by });
      const part: CardFilePartRow = { fileId, firstRow, contentHash, rejects };
      await transaction.rows(cardFilePartTable).insert(part);
      const through = file.through + rows.length;
      await files.save({ fileId, through, rejected: file.rejected + rejects.length });
      return { through, rejects };
    });
  }

  /** In the order of persons: two files with the same ones wait for each other, never in a circle. */
  private async judge(
    transaction: Transaction,
    { firstRow, rows, by }: Omit<FilePart, 'fileHash'>,
  ): Promise<CardFileReject[]> {
    const indexes = rows.map(({ number }) =>
      this.parts.persons.credentialIndex('physical', number),
    );
    const cards = await transaction.rows(cardTable).find({ blindIndex: { in: indexes } });
    const byIndex = new Map(cards.map((card) => [card.blindIndex, card]));
    const placed = rows
      .map((said, at) => ({ said, row: firstRow + at, card: byIndex.get(indexes[at]!) }))
      .sort((one, other) => compare(one.card?.personId, other.card?.personId));
    const rejects: CardFileReject[] = [];
    for (const one of placed) {
      const reject = await this.apply(transaction, one, by);
      if (reject) rejects.push(reject);
    }
    return rejects.sort((one, other) => one.row - other.row);
  }

  private async apply(
    transaction: Transaction,
    { row, said, card }: Placed,
    by: string,
  ): Promise<CardFileReject | undefined> {
    if (!card)
      return {
        ...{ row, field: '/number', code: 'CARD_UNKNOWN', why: 'no card has this number' },
        whatToDo: 'check the number, or register the card first',
      };
    const { personId, cardId } = card;
    try {
      const { change, why } = said;
      await this.parts.cards.changeWithin(transaction, personId, cardId, change, { by, why });
      return undefined;
    } catch (error) {
      if (!(error instanceof DomainError) || !REJECTS.has(error.code)) throw error;
      const [field, why, whatToDo] = REJECTS.get(error.code)!;
      return { row, code: error.code, field, why, whatToDo };
    }
  }
}

/** What a change throws before it has written anything: the row alone is refused. */
const REJECTS: ReadonlyMap<string, readonly [string, string, string]> = new Map([
  [
    'CARD_NOT_CHANGEABLE',
    [
      '/change',
      'the card’s status does not allow this change',
      'leave the row out: the card ended',
    ],
  ],
  ['CARD_UNKNOWN', ['/number', 'the card ended with the data of its holder', 'leave the row out']],
  [
    'ERASURE_UNDER_WAY',
    ['/number', 'the data of the card’s holder is being erased', 'leave the row out'],
  ],
]);

const compare = (one = '', other = ''): number => (one < other ? -1 : one > other ? 1 : 0);

const idOf = (fileHash: string, by: string): string => `cf-${derivedId('card file', by, fileHash)}`;

const differs = (why: string, { through }: CardFileRow): DomainError =>
  new DomainError('CARD_FILE_DIFFERS', 'conflict', {
    ...{ field: '/firstRow', why, through },
    remedy: `go on from row ${through + 1}`,
  });
