import { dateColumn, instantColumn, table, textColumn } from '@caretab/store';

/** What was done with a card elsewhere, as its issuer logged it; it names no person. */
export interface CardOperationRow {
  /** Of the card, the operation and its moment: the same again is the same. */
  readonly operationId: string;
  readonly cardId: string;
  readonly operation: 'read' | 'write' | 'pin-change' | 'pin-unlock';
  readonly at: Date;
  /** The business day (Asia/Shanghai) and whose card it was: by these they are counted. */
  readonly day: string;
  readonly region: string | null;
  readonly institutionId: string | null;
}

export const cardOperationTable = table<CardOperationRow>({
  name: 'card_operation',
  columns: {
    operationId: textColumn('operation_id', { primary: true }),
    cardId: textColumn('card_id'),
    operation: textColumn(),
    at: instantColumn('at'),
    day: dateColumn('day'),
    region: textColumn('region', { nullable: true }),
    institutionId: textColumn('institution_id', { nullable: true }),
  },
});
