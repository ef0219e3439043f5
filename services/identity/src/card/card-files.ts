import {
  CARD_FILE_KINDS,
  type CardFileKind,
  type CardFileRowOf,
  cardFileRows,
} from '@caretab/contracts';
import { checkOf } from '@caretab/host';
import { assert, canonicalJson, derivedId, DomainError, normaliseIdNumber } from '@caretab/kernel';
import type { Store, Transaction } from '@caretab/store';
import type { Vault } from '../person/vault';
import type { CardEffects, Taken } from './card-effects';
import { rejectOf, unfit } from './card-file-rejects';
import {
  type CardFilePartRow,
  cardFilePartTable,
  type CardFileReject,
  type CardFileRow,
  cardFileTable,
} from './card-file.table';
import type { CardAsker } from './card-scope';
import { countRows } from './metrics';

type Row = Readonly<Record<string, unknown>>;

export interface WhichFile {
  readonly kind: CardFileKind;
  readonly fileHash: string;
  readonly asker: CardAsker;
}

export interface FilePart extends WhichFile {
  readonly firstRow: number;
  readonly rows: readonly Row[];
}

interface Judged {
  readonly through: number;
  readonly rejects: readonly CardFileReject[];
}

/** Parts with rejects that one answer is read from: each has at most a thousand. */
const PAGE_PARTS = 5;

const checks = Object.fromEntries(
  CARD_FILE_KINDS.map((kind) => [kind, checkOf(cardFileRows[kind])]),
) as Readonly<Record<CardFileKind, ReturnType<typeof checkOf>>>;

/** Files about cards, part by part: each row takes effect once, or is rejected with why. */
export class CardFiles {
  constructor(
    private readonly parts: {
      readonly store: Store;
      readonly vault: Pick<Vault, 'indexOf'>;
      readonly effects: Pick<CardEffects, 'of'>;
    },
  ) {}

  /** How far the sender's file was taken. */
  progress(file: WhichFile): Promise<Pick<CardFileRow, 'through' | 'rejected'>> {
    return this.parts.store.transact(async (transaction) => {
      const row = await transaction.rows(cardFileTable).get({ fileId: idOf(file) });
      return { through: row?.through ?? 0, rejected: row?.rejected ?? 0 };
    });
  }

  /** What was rejected behind a row, in order; `next`: where to ask on. */
  rejects(
    file: WhichFile,
    after: number,
  ): Promise<{ readonly rejects: readonly CardFileReject[]; readonly next?: number }> {
    return this.parts.store.transact(async (transaction) => {
      const { rows, next } = await transaction
        .rows(cardFilePartTable)
        .page(
          { fileId: idOf(file), rejected: { gt: 0 }, firstRow: { gt: after } },
          { orderBy: 'firstRow', countMax: PAGE_PARTS },
        );
      const rejects = rows.flatMap((part) => part.rejects);
      return { rejects, ...(next && { next: rows.at(-1)!.firstRow }) };
    });
  }

  /**
   * Judges the next rows: their effects, their rejects and the place in the file are kept together, or
   * none. The same part again is answered as before. Throws CARD_FILE_DIFFERS (conflict): it is not
   * the next part, or not the one that was sent from this row.
   */
  async take(part: FilePart): Promise<Judged> {
    const { firstRow, rows, kind } = part;
    const { store, vault } = this.parts;
    const fileId = idOf(part);
    const contentHash = vault.indexOf('card-file', canonicalJson(rows));
    const { judged, isNew } = await store.transact(async (transaction) => {
      const files = transaction.rows(cardFileTable);
      await files.insertIfAbsent({ fileId, through: 0, rejected: 0 });
      const file = await files.get({ fileId }, { lock: 'wait' });
      assert(file, 'a file that was begun is kept');
      const known = await transaction.rows(cardFilePartTable).get({ fileId, firstRow });
      if (known?.contentHash === contentHash)
        return { judged: { through: file.through, rejects: known.rejects }, isNew: false };
      if (known !== undefined || firstRow !== file.through + 1)
        throw differs(
          known ? 'other rows were sent from this one' : 'it is not the next row',
          file,
        );
      const rejects = await this.judge(transaction, part);
      const rejected = rejects.length;
      const row: CardFilePartRow = { fileId, firstRow, contentHash, rejects, rejected };
      await transaction.rows(cardFilePartTable).insert(row);
      const through = file.through + rows.length;
      await files.save({ fileId, through, rejected: file.rejected + rejected });
      return { judged: { through, rejects }, isNew: true };
    });
    if (isNew) countRows(kind, rows.length - judged.rejects.length, judged.rejects.length);
    return judged;
  }

  private async judge(transaction: Transaction, part: FilePart): Promise<CardFileReject[]> {
    const { kind, rows, firstRow, asker } = part;
    const rejects: CardFileReject[] = [];
    const fitting: Placed[] = [];
    for (const [at, said] of rows.entries()) {
      const [fault] = checks[kind](said);
      if (fault) rejects.push(unfit(firstRow + at, fault));
      else fitting.push({ row: firstRow + at, said });
    }
    for (const round of roundsOf(kind, fitting)) {
      const said = round.map((one) => one.said);
      const effect = this.parts.effects.of[kind] as (
        transaction: Transaction,
        rows: readonly unknown[],
        asker: CardAsker,
      ) => Promise<Taken[]>;
      const outcomes = await effect(transaction, said, asker);
      for (const [at, fault] of outcomes.entries())
        if (fault) rejects.push(rejectOf(round[at]!.row, fault));
    }
    return rejects.sort((one, other) => one.row - other.row);
  }
}

interface Placed {
  readonly row: number;
  readonly said: Row;
}

/** Whom and which card a row is about: rows of one, in whatever form, are taken one after the other. */
const KEYS: { readonly [Kind in CardFileKind]: (row: CardFileRowOf<Kind>) => readonly string[] } = {
  cards: ({ idNumber, number }) => [`p ${normaliseIdNumber(idNumber)}`, `n ${keyOf(number)}`],
  blacklist: ({ number }) => [`n ${keyOf(number)}`],
  whitelist: ({ number }) => [`n ${keyOf(number)}`],
  residents: ({ idNumber }) => [`p ${normaliseIdNumber(idNumber)}`],
  operations: () => [],
};

const keyOf = (text: string): string => text.normalize('NFKC').trim().toUpperCase();

/** Rows in rounds, none of which has two about one person or one card; of these the earlier comes first. */
const roundsOf = (kind: CardFileKind, placed: readonly Placed[]): Placed[][] => {
  const rounds: Placed[][] = [];
  const last = new Map<string, number>();
  for (const one of placed) {
    const keys = KEYS[kind](one.said as never);
    const round = Math.max(0, ...keys.map((key) => (last.get(key) ?? -1) + 1));
    for (const key of keys) last.set(key, round);
    (rounds[round] ??= []).push(one);
  }
  return rounds;
};

const idOf = ({ kind, fileHash, asker }: WhichFile): string =>
  `cf-${derivedId('card file', kind, asker.by, fileHash)}`;

const differs = (why: string, { through }: CardFileRow): DomainError =>
  new DomainError('CARD_FILE_DIFFERS', 'conflict', {
    ...{ field: '/firstRow', why, through },
    remedy: `go on from row ${through + 1}`,
  });
