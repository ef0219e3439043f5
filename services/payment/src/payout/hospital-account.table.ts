import { instantColumn, integerColumn, table, textColumn } from '@caretab/store';

/** An account of a hospital, as two persons entered it; the highest number is the one that is paid. */
export interface HospitalAccountRow {
  readonly institutionId: string;
  readonly number: number;
  readonly holderName: string;
  /** CNAPS, 12 digits. */
  readonly bankCode: string;
  readonly sealedAccount: string;
  /** Finds whose statement an account number is of. */
  readonly accountIndex: string;
  readonly lastDigits: string;
  /** What the bank said that it is the hospital's. */
  readonly evidence: string;
  readonly declaredBy: string;
  readonly approvedBy: string;
  readonly setAt: Date;
}

export const hospitalAccountTable = table<HospitalAccountRow>({
  name: 'hospital_account',
  columns: {
    institutionId: textColumn('institution_id', { primary: true }),
    number: integerColumn(undefined, { primary: true }),
    holderName: textColumn('holder_name'),
    bankCode: textColumn('bank_code'),
    sealedAccount: textColumn('sealed_account'),
    accountIndex: textColumn('account_index'),
    lastDigits: textColumn('last_digits'),
    evidence: textColumn(),
    declaredBy: textColumn('declared_by'),
    approvedBy: textColumn('approved_by'),
    setAt: instantColumn('set_at'),
  },
});
