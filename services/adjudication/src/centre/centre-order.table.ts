import type { Doubt } from '@caretab/centre';
import { instantColumn, integerColumn, jsonColumn, table, textColumn } from '@caretab/store';

/** What a settlement at the centre comes to, in fen; nothing of it says who a person is. */
export interface CentreSettlement {
  readonly setlId: string;
  readonly mdtrtId: string;
  readonly totalFen: number;
  readonly fundFen: number;
  readonly accountFen: number;
  readonly cashFen: number;
  readonly hospitalFen: number;
}

/** Settles, or cancels what was settled: of outpatients, of inpatients. */
export type OrderedFunction = '2207' | '2208' | '2304' | '2305';

/**
 * `sent`: it may have arrived, and 5203 is asked; `undo`: 2601 is next; `refused`: the centre said no,
 * and nothing is settled; `held`: a person looks.
 */
export type OrderStep = 'send' | 'sent' | 'undo' | 'done' | 'refused' | 'held';

/** One settlement, or its cancellation, that the centre is to make exactly once. */
export interface CentreOrderRow {
  readonly orderId: string;
  readonly personId: string;
  readonly institutionId: string;
  readonly infno: OrderedFunction;
  /** Fields of the function's input; those of the person are added where they are known. */
  readonly data: Readonly<Record<string, string>>;
  readonly step: OrderStep;
  /** Second and serial of the message id, chosen before it is sent; the code goes before it. */
  readonly stamp: string;
  /** Stamps of before, which 2601 undid. */
  readonly former: readonly string[];
  /** How the last message ended. */
  readonly last: string | null;
  /** Of `sent`: what the answer said; of `done`: what 5203 found. */
  readonly settlement: CentreSettlement | null;
  /** What spoke against answers, the last ones first. */
  readonly doubts: readonly Doubt[];
  readonly attempts: number;
  readonly placedAt: Date;
  readonly nextAttemptAt: Date | null;
  readonly lease: number;
}

export const centreOrderTable = table<CentreOrderRow>({
  name: 'centre_order',
  columns: {
    orderId: textColumn('order_id', { primary: true }),
    personId: textColumn('person_id'),
    institutionId: textColumn('institution_id'),
    infno: textColumn(),
    data: jsonColumn(),
    step: textColumn(),
    stamp: textColumn(),
    former: jsonColumn(),
    last: textColumn('last', { nullable: true }),
    settlement: jsonColumn('settlement', { nullable: true }),
    doubts: jsonColumn(),
    attempts: integerColumn(),
    placedAt: instantColumn('placed_at'),
    nextAttemptAt: instantColumn('next_attempt_at', { nullable: true }),
    lease: integerColumn(),
  },
  uniques: [['institutionId', 'stamp']],
  owners: { person: 'personId', institution: 'institutionId' },
});
