import { fenColumn, table, textColumn } from '@caretab/store';
import type { Party } from '../clearing/clearing.table';

/** What one source owes one hospital by one clearing. */
export interface ClearingFlowRow {
  readonly clearingId: string;
  readonly institutionId: string;
  readonly party: Party;
  readonly partyId: string;
  /** Positive: to be paid to the hospital; negative: it pays back. */
  readonly amountFen: number;
  /** What of it the bank's lines have. */
  readonly settledFen: number;
  /** `direct`: the source pays the hospital's own account; `pooled`: by an instruction of ours. */
  readonly way: 'direct' | 'pooled';
  /** The instruction that has it; null: none, it is payable. */
  readonly instructionId: string | null;
}

export const clearingFlowTable = table<ClearingFlowRow>({
  name: 'clearing_flow',
  columns: {
    clearingId: textColumn('clearing_id', { primary: true }),
    institutionId: textColumn('institution_id', { primary: true }),
    party: textColumn(undefined, { primary: true }),
    partyId: textColumn('party_id', { primary: true }),
    amountFen: fenColumn('amount_fen'),
    settledFen: fenColumn('settled_fen'),
    way: textColumn(),
    instructionId: textColumn('instruction_id', { nullable: true }),
  },
});
