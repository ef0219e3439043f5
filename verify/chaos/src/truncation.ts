import { seededRandom } from '@caretab/doubles';
import { databaseUrlOf } from '@caretab/deploy';
import { escapeLiteral } from 'pg';
import type { Fault } from './faults';
import { onceIn } from './hands';
import type { PlatformAccess } from './platform-access';
import type { Strike } from './strike';
import type { SupervisedPlatform } from './supervised-platform';

/** The owner of the log takes rows of a visit's stream away, beside the guard of the table. */

const LOG = 'visit_ledger_events.events';
/** What was taken away, as a backup of before would have it. */
const BACKUP = 'of_others.taken';
const TRIED_MAX = 5;

const MAKE_BACKUP = `create schema if not exists of_others;
create table if not exists ${BACKUP} (like ${LOG} including indexes);`;

/**
 * Open visits, which surely get a further message. The event at a reader’s checkpoint is not taken:
 * the whole log would be an older copy then.
 */
const PLACE = `(select min(position::bigint) from visit_ledger.checkpoint)`;
const CANDIDATES = `select visit_id as "visitId" from visit_ledger.visit
  where status = 'open' and visit_id <> all($1::text[]) and (
    select count(*) > 2 and max(position) < ${PLACE} from ${LOG} where stream = 'visit-' || visit_id
  ) order by visit_id`;

/** Once more, after a lost answer, takes nothing more. */
const takeAway = (visitId: string, takesAll: boolean): string => {
  const stream = escapeLiteral(`visit-${visitId}`);
  return `begin;
alter table ${LOG} disable trigger events_immutable;
insert into ${BACKUP}
  select e.* from ${LOG} e, (
    select max(revision) as revision, max(position) as position from ${LOG} where stream = ${stream}
  ) last
  where e.stream = ${stream} and last.position < ${PLACE}
    and e.revision <= last.revision ${takesAll ? '' : '- 1'}
    and exists (
      select from visit_ledger.visit where visit_id = ${escapeLiteral(visitId)} and status = 'open'
    ) and not exists (select from ${BACKUP} where stream = ${stream});
delete from ${LOG} e using ${BACKUP} t where e.stream = t.stream and e.revision = t.revision;
alter table ${LOG} enable always trigger events_immutable;
commit;`;
};

const TAKEN = `select max(revision) as revision from ${BACKUP} where stream = $1 having count(*) > 0`;

/** All rows of a stream, or all but the last: that is found without a memory of the visit. */
export const truncatedStream = (
  { postgresUrl, hands }: SupervisedPlatform,
  { lot }: Fault,
): Strike => {
  const random = seededRandom(Math.floor(lot * 2 ** 32));
  const takesAll = random.next() < 0.5;
  const url = databaseUrlOf(postgresUrl, 'visit-ledger');
  return {
    what: `the owner of the log takes ${takesAll ? 'all rows' : 'all rows but the last'} of an open visit away`,
    struck: [],
    target: 'the log of visits',
    begin: async () => {
      await onceIn(url, MAKE_BACKUP);
      const found = await onceIn<{ visitId: string }>(url, CANDIDATES, [hands.visitIds]);
      for (const { visitId } of random.shuffle(found).slice(0, TRIED_MAX)) {
        const stream = `visit-${visitId}`;
        await onceIn(url, takeAway(visitId, takesAll));
        const [taken] = await onceIn<{ revision: number }>(url, TAKEN, [stream]);
        if (!taken) continue; // It went on meanwhile.
        hands.touched.push({ visitId, stream, kind: 'truncated', revision: taken.revision });
        return true;
      }
      return false;
    },
    end: async () => undefined,
  };
};

/** An operator puts the rows of a stream back from the backup, each at its place. */
export const putBack = async (field: PlatformAccess, stream: string): Promise<void> => {
  await onceIn(
    field.databaseUrlOf('visit-ledger'),
    `insert into ${LOG} select * from ${BACKUP} where stream = $1 on conflict do nothing`,
    [stream],
  );
};
