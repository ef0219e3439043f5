import { instantColumn, integerColumn, jsonColumn, table, textColumn } from '@caretab/store';
import { planDocumentTable } from './document.table';
import type { ShadowTally } from './shadow-tally';

/** A run of a document over claims that were settled without it. It changes none of them. */
export interface ShadowRunRow {
  readonly version: string;
  /** The days of the visits' ends, both inclusive. */
  readonly fromDay: string;
  readonly toDay: string;
  readonly state: 'running' | 'ended';
  /** Where it goes on: a day, and the visit behind which. */
  readonly day: string;
  readonly afterVisit: string | null;
  readonly tally: ShadowTally;
  readonly beganBy: string;
  readonly beganAt: Date;
  readonly endedAt: Date | null;
  /** Visits that it has looked at. */
  readonly visits: number;
}

export const shadowRunTable = table<ShadowRunRow>({
  name: 'shadow_run',
  columns: {
    version: textColumn(undefined, { primary: true }),
    fromDay: textColumn('from_day'),
    toDay: textColumn('to_day'),
    state: textColumn(),
    day: textColumn(),
    afterVisit: textColumn('after_visit', { nullable: true }),
    tally: jsonColumn(),
    beganBy: textColumn('began_by'),
    beganAt: instantColumn('began_at'),
    endedAt: instantColumn('ended_at', { nullable: true }),
    visits: integerColumn(),
  },
  hangsOn: { table: planDocumentTable, by: ['version'] },
});
