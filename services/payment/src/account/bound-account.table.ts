import { instantColumn, table, textColumn } from '@caretab/store';

/** The account a person pays from. The token is sealed; only the channel gateway sees it open. */
export interface BoundAccountRow {
  readonly personId: string;
  readonly channel: string;
  readonly sealedToken: string;
  readonly boundAt: Date;
}

export const boundAccountTable = table<BoundAccountRow>({
  name: 'bound_account',
  columns: {
    personId: textColumn('person_id', { primary: true }),
    channel: textColumn(),
    sealedToken: textColumn('sealed_token'),
    boundAt: instantColumn('bound_at'),
  },
});
