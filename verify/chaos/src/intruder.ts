import { seededRandom } from '@caretab/doubles';
import { databaseUrlOf } from '@caretab/deploy';
import type { Fault } from './faults';
import { onceIn } from './hands';
import type { Strike } from './strike';
import type { SupervisedPlatform } from './supervised-platform';

/** A second writer with a login of its own, who puts events into the streams of visits. */

const EVENTS = 'visit_ledger_events';
const LOGIN = 'other_team';
const PASSWORD = 'other-team';

const LET_IN = `
do $$ begin
  if not exists (select from pg_roles where rolname = '${LOGIN}') then
    create role ${LOGIN} login password '${PASSWORD}';
  end if;
end $$;
grant usage on schema ${EVENTS} to ${LOGIN};
grant select, insert on ${EVENTS}.events to ${LOGIN};`;

/** Visits of that status, without those whose streams were touched. */
const CANDIDATES = `select visit_id as "visitId", institution_id as "institutionId",
    person_id as "personId"
  from visit_ledger.visit where status = $1 and visit_id <> all($2::text[]) order by visit_id`;

interface Victim {
  readonly visitId: string;
  readonly institutionId: string;
  readonly personId: string;
}

/** The same event once more, after a lost answer, changes nothing. */
const INSERT = `
with written as (
  insert into ${EVENTS}.events
    (position, stream, revision, id, type, data, metadata, recorded_at, hash, key_id, mac)
  select (select max(position) + 1 from ${EVENTS}.events), stream, max(revision) + 1, $2, $3, $4,
    '{}', now(), decode(repeat('00', 32), 'hex'),
    case when $5 then (array_agg(key_id order by revision))[1] end,
    case when $5 then decode(repeat('00', 32), 'hex') end
  from ${EVENTS}.events
  where stream = $1 and not exists (select from ${EVENTS}.events where stream = $1 and id = $2)
  group by stream returning revision
)
select revision from written
union all select revision from ${EVENTS}.events where stream = $1 and id = $2`;

interface Content {
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
}

const settlement = ({ visitId, institutionId, personId }: Victim): Content => ({
  type: 'VisitSettled',
  data: {
    ...{ visitId, institutionId, personId, accountPersonId: personId, revision: 1 },
    settledAt: new Date().toISOString(),
  },
});

const charge = ({ visitId, institutionId, personId }: Victim): Content => ({
  type: 'ChargeDeferred',
  data: {
    ...{ visitId, institutionId, personId },
    charge: { chargeId: `${visitId}.of-others`, amountFen: 77_700 },
  },
});

const correction = ({ visitId }: Victim): Content => ({
  type: 'NightlyCorrection',
  data: { visitId, grossFen: 1 },
});

/** At the end of a stream: `foreign` without a signature, `forged` with one that is made up. */
const intrude =
  (kind: 'foreign' | 'forged') =>
  ({ postgresUrl, hands }: SupervisedPlatform, { lot, number }: Fault): Strike => {
    const random = seededRandom(Math.floor(lot * 2 ** 32));
    const status = random.pick(['open', 'settled']);
    const contentOf = random.pick([settlement, kind === 'forged' ? charge : correction]);
    const lotOfVictim = random.next();
    const url = databaseUrlOf(postgresUrl, 'visit-ledger');
    const theirs = new URL(url);
    [theirs.username, theirs.password] = [LOGIN, PASSWORD];
    return {
      what: `another writer puts a ${kind} event into a visit that is ${status}`,
      struck: [],
      target: 'the log of visits',
      begin: async () => {
        await onceIn(url, LET_IN);
        const candidates = await onceIn<Victim>(url, CANDIDATES, [status, hands.visitIds]);
        if (candidates.length === 0) return false;
        const victim = candidates[Math.floor(lotOfVictim * candidates.length)]!;
        const [stream, eventId] = [`visit-${victim.visitId}`, `of-others-${number}`];
        const { type, data } = contentOf(victim);
        const values = [stream, eventId, type, JSON.stringify(data), kind === 'forged'];
        const [row] = await onceIn<{ revision: number }>(theirs.href, INSERT, values);
        const { visitId } = victim;
        hands.touched.push({ visitId, stream, kind, revision: row!.revision, eventId });
        return true;
      },
      end: async () => undefined,
    };
  };

export const foreignEvent = intrude('foreign');
export const forgedEvent = intrude('forged');
