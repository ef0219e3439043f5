import {
  bigintColumn,
  booleanColumn,
  dateColumn,
  instantColumn,
  table,
  textColumn,
} from '@caretab/store';

/** A plan or a coordination file, by the hash of its content. What is approved is never changed. */
export interface PlanDocumentRow {
  readonly version: string;
  readonly kind: 'plan' | 'coordination';
  /** The plan's id, or the region of a coordination file. */
  readonly name: string;
  readonly payerId: string | null;
  /** Basic, supplementary, aid, commercial or voucher; of a coordination file null. */
  readonly planKind: string | null;
  /** Put by the bureau; else by its insurer. */
  readonly isPublic: boolean;
  readonly effectiveFrom: string;
  readonly effectiveTo: string | null;
  readonly state: 'checked' | 'approved';
  readonly putBy: string;
  readonly putAt: Date;
  readonly approvedBy: string | null;
  readonly approvedAt: Date | null;
}

export const planDocumentTable = table<PlanDocumentRow>({
  name: 'plan_document',
  columns: {
    version: textColumn(undefined, { primary: true }),
    kind: textColumn(),
    name: textColumn(),
    payerId: textColumn('payer_id', { nullable: true }),
    planKind: textColumn('plan_kind', { nullable: true }),
    isPublic: booleanColumn('is_public'),
    effectiveFrom: dateColumn('effective_from'),
    effectiveTo: dateColumn('effective_to', { nullable: true }),
    state: textColumn(),
    putBy: textColumn('put_by'),
    putAt: instantColumn('put_at'),
    approvedBy: textColumn('approved_by', { nullable: true }),
    approvedAt: instantColumn('approved_at', { nullable: true }),
  },
  owners: { payer: 'payerId' },
});

/** What a document says, apart: it is read once, and the rows beside it with each visit. */
export interface PlanFileRow {
  readonly version: string;
  /** JSON. */
  readonly file: string;
}

export const planFileTable = table<PlanFileRow>({
  name: 'plan_file',
  columns: { version: textColumn(undefined, { primary: true }), file: textColumn() },
  hangsOn: { table: planDocumentTable, by: ['version'] },
});

/** Whose a plan's id is once a document of it was approved; also the lock of its approvals. */
export interface PlanNameRow {
  readonly kind: PlanDocumentRow['kind'];
  readonly name: string;
  readonly payerId: string | null;
  readonly isPublic: boolean;
}

export const planNameTable = table<PlanNameRow>({
  name: 'plan_name',
  columns: {
    kind: textColumn(undefined, { primary: true }),
    name: textColumn(undefined, { primary: true }),
    payerId: textColumn('payer_id', { nullable: true }),
    isPublic: booleanColumn('is_public'),
  },
  owners: { payer: 'payerId' },
});

/** What a person has used of a document's counter: fen, whole numbers, or ten-thousandths. */
export interface PlanUseRow {
  readonly personId: string;
  readonly planId: string;
  readonly key: string;
  readonly value: number;
}

export const planUseTable = table<PlanUseRow>({
  name: 'plan_use',
  columns: {
    personId: textColumn('person_id', { primary: true }),
    planId: textColumn('plan_id', { primary: true }),
    key: textColumn(undefined, { primary: true }),
    value: bigintColumn(),
  },
});
