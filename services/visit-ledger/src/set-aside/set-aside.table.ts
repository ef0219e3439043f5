import type { StreamFault } from '@caretab/event-store';
import { instantColumn, integerColumn, table, textColumn } from '@caretab/store';

/** A stream that cannot be used from an event on. The row stays once its visit goes on elsewhere. */
export interface SetAsideRow {
  readonly stream: string;
  readonly visitId: string;
  /** The event store of the stream: `postgres:<schema>`, `eventstoredb:<namespace>`. */
  readonly store: string;
  readonly kind: StreamFault['kind'];
  /** The first event at fault; those before it are ours. */
  readonly revision: number;
  readonly position: string;
  readonly digest: string;
  readonly foundAt: Date;
  /** As the view of visits had them; null where it had no such visit: then no other service has. */
  readonly institutionId: string | null;
  readonly personId: string | null;
  /**
   * Position up to which views had folded the stream when they learned of the fault; null until
   * then.
   */
  readonly viewedTo: string | null;
  /** The stream in which the visit goes on; null while it is set aside. */
  readonly continuedIn: string | null;
}

export const setAsideTable = table<SetAsideRow>({
  name: 'set_aside',
  columns: {
    stream: textColumn(undefined, { primary: true }),
    visitId: textColumn('visit_id'),
    store: textColumn(),
    kind: textColumn(),
    revision: integerColumn(),
    position: textColumn(),
    digest: textColumn(),
    foundAt: instantColumn('found_at'),
    institutionId: textColumn('institution_id', { nullable: true }),
    personId: textColumn('person_id', { nullable: true }),
    viewedTo: textColumn('viewed_to', { nullable: true }),
    continuedIn: textColumn('continued_in', { nullable: true }),
  },
});

export const faultOf = ({
  kind,
  stream,
  revision,
  position,
  digest,
}: Pick<SetAsideRow, 'kind' | 'stream' | 'revision' | 'position' | 'digest'>): StreamFault => ({
  kind,
  stream,
  revision,
  position: BigInt(position),
  digest,
});
