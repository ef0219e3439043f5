import type { CardChange, CardMedium, CardMode, CardStatus } from '@caretab/contracts';
import {
  bigintColumn,
  booleanColumn,
  bytesColumn,
  dateColumn,
  instantColumn,
  table,
  textColumn,
} from '@caretab/store';

export interface CardRow {
  readonly cardId: string;
  readonly personId: string;
  readonly medium: CardMedium;
  readonly child: boolean;
  /** Of its number, as an identifier has it. */
  readonly blindIndex: string;
  /** By which lists name it; null of numbers that were kept before there were lists. */
  readonly numberHash: string | null;
  /** The number by the person's key; null as the hash is. */
  readonly sealed: Buffer | null;
  readonly status: CardStatus;
  readonly mode: CardMode;
  readonly institutionId: string | null;
  /** Whose card platform issued it: GB/T 2260. */
  readonly region: string | null;
  /** Where that one handed it out, by its own code. */
  readonly office: string | null;
  readonly batchId: string | null;
  readonly replacedBy: string | null;
  readonly issuedAt: Date;
  readonly changedAt: Date;
  /** Of a child card: from this day on its holder's age is looked at. */
  readonly reviewOn: string | null;
  /** Frozen because its holder died: valid again where that is taken back. */
  readonly frozenByDeath: boolean;
}

export const cardTable = table<CardRow>({
  name: 'card',
  columns: {
    cardId: textColumn('card_id', { primary: true }),
    personId: textColumn('person_id'),
    medium: textColumn(),
    child: booleanColumn(),
    blindIndex: textColumn('blind_index'),
    numberHash: textColumn('number_hash', { nullable: true }),
    sealed: bytesColumn('sealed', { nullable: true }),
    status: textColumn(),
    mode: textColumn(),
    institutionId: textColumn('institution_id', { nullable: true }),
    region: textColumn('region', { nullable: true }),
    office: textColumn('office', { nullable: true }),
    batchId: textColumn('batch_id', { nullable: true }),
    replacedBy: textColumn('replaced_by', { nullable: true }),
    issuedAt: instantColumn('issued_at'),
    changedAt: instantColumn('changed_at'),
    reviewOn: dateColumn('review_on', { nullable: true }),
    frozenByDeath: booleanColumn('frozen_by_death'),
  },
  uniques: [['blindIndex']],
});

/** What was done with a card, by whom; only ever added. It names no person. */
export interface CardChangeRow {
  readonly changeId: string;
  readonly cardId: string;
  readonly change: CardChange | 'issue' | 'modify';
  readonly status: CardStatus;
  readonly by: string;
  /** Null, too, once its person is erased. */
  readonly why: string | null;
  readonly approvedBy: string | null;
  readonly at: Date;
  /** The business day (Asia/Shanghai) and whose card it was: by these they are counted. */
  readonly day: string;
  readonly region: string | null;
  readonly institutionId: string | null;
}

export const cardChangeTable = table<CardChangeRow>({
  name: 'card_change',
  columns: {
    changeId: textColumn('change_id', { primary: true }),
    cardId: textColumn('card_id'),
    change: textColumn(),
    status: textColumn(),
    by: textColumn('by'),
    why: textColumn('why', { nullable: true }),
    approvedBy: textColumn('approved_by', { nullable: true }),
    at: instantColumn('at'),
    day: dateColumn('day'),
    region: textColumn('region', { nullable: true }),
    institutionId: textColumn('institution_id', { nullable: true }),
  },
});

/** How a number stands on the lists; the last of each number alone. */
export interface CardListRow {
  readonly numberHash: string;
  readonly list: 'white' | 'black';
  readonly why: CardStatus;
  readonly at: Date;
  /** Null until a reader numbers it: in the order of the numbers nothing comes late. */
  readonly sequence: number | null;
}

export const cardListTable = table<CardListRow>({
  name: 'card_list',
  columns: {
    numberHash: textColumn('number_hash', { primary: true }),
    list: textColumn(),
    why: textColumn('why'),
    at: instantColumn('at'),
    sequence: bigintColumn('sequence', { nullable: true }),
  },
  uniques: [['sequence']],
});

/** The last number that was given; one row. */
export interface CardListEndRow {
  readonly name: 'cards';
  readonly sequence: number;
}

export const cardListEndTable = table<CardListEndRow>({
  name: 'card_list_end',
  columns: { name: textColumn('name', { primary: true }), sequence: bigintColumn('sequence') },
});
