import { hash } from 'node:crypto';
import { type ContractMessage, message, visitIdOf, visitLedgerVisits } from '@caretab/contracts';
import type { Client } from 'pg';
import { chargeOf, registrations } from '../charges';

export const LINES = 10;
const STARTED_AT = '2026-03-02T09:30:00+08:00';
const CLOSED_AT = '2026-03-05T09:30:00+08:00';
const TIME = new Date(STARTED_AT);
const INSTITUTIONS = registrations().map(({ key }) => key);
const LINE_FEN = 2_000_000_000_000;

/** The persons of one load; a load's name is in its visits' and persons' ids. */
export interface Crowd {
  readonly load: string;
  readonly persons: number;
}

const personIdOf = ({ load }: Crowd, person: number): string =>
  `p-${String(person).padStart(8, '0')}-3333-4333-8333-${hash('sha256', load).slice(0, 12)}`;

/** In no order, and in the same one in every run. */
const personAt = ({ load, persons }: Crowd, number: number): number =>
  Number.parseInt(hash('sha256', `${load} ${number}`).slice(0, 8), 16) % persons;

const placeOf = (crowd: Crowd, number: number) => {
  const institutionId = INSTITUTIONS[number % INSTITUTIONS.length]!;
  return {
    visitId: visitIdOf(institutionId, `${crowd.load}-${number}`),
    institutionId,
    personId: personIdOf(crowd, personAt(crowd, number)),
    visitClass: 'inpatient' as const,
    startedAt: STARTED_AT,
  };
};

export const visitOpened = (crowd: Crowd, number: number): ContractMessage => {
  const place = placeOf(crowd, number);
  const id = `opened-${place.visitId}`;
  return message(visitLedgerVisits, 'VisitOpened', place, {
    id,
    time: TIME,
    source: 'visit-ledger',
  });
};

export const visitClosed = (crowd: Crowd, number: number): ContractMessage => {
  const place = placeOf(crowd, number);
  const lines = Array.from({ length: LINES }, (_, index) => {
    const { chargeId, itemCode, quantity, amountFen, occurredAt } = chargeOf(
      number * LINES + index,
    );
    return { chargeId, itemCode, quantity, amountFen, occurredAt };
  });
  const grossFen = lines.reduce((sum, { amountFen }) => sum + amountFen, 0);
  return message(
    visitLedgerVisits,
    'VisitClosed',
    { ...place, closedAt: CLOSED_AT, revision: 1, grossFen, lines },
    { id: `closed-${place.visitId}`, time: TIME, source: 'visit-ledger' },
  );
};

const idsOf = (crowd: Crowd): string[] =>
  Array.from({ length: crowd.persons }, (_, person) => personIdOf(crowd, person));

/** Two plans for each person, as adjudication keeps them. */
export const fillMembers = async (client: Client, crowd: Crowd): Promise<void> => {
  const ids = [idsOf(crowd)];
  await client.query(
    `insert into adjudication.member (person_id, content_hash, changed_at)
     select id, 'bench', now() from unnest($1::text[]) as id`,
    ids,
  );
  await client.query(
    `insert into adjudication.membership (person_id, plan_id, member_from, member_to, psn_type)
     select id, plan, date '2025-01-01', null, '11'
     from unnest($1::text[]) as id, unnest(array['employee-basic', 'evergreen-supplement']) as plan`,
    ids,
  );
  await client.query(
    `insert into adjudication.personal_account (person_id, plan_id, credited_fen, used_fen)
     select id, 'employee-basic', 50000, 0 from unnest($1::text[]) as id`,
    ids,
  );
};

/** A line for each person that holds whatever comes, as credit keeps it. */
export const fillLines = async (client: Client, crowd: Crowd): Promise<void> => {
  const ids = [idsOf(crowd)];
  await client.query(
    `insert into credit.account (account_person_id, status, score, policy_id, line_fen, held_fen, outstanding_fen,
       over_line_fen, frozen_reason, opened_at, closed_at, entry_count)
     select id, 'open', 800, 'bench', ${LINE_FEN}, 0, 0, 0, null, now(), null, 0 from unnest($1::text[]) as id`,
    ids,
  );
  await client.query(
    `insert into credit.enrolment (person_id, account_person_id, status, opened_at, closed_at)
     select id, id, 'open', now(), null from unnest($1::text[]) as id`,
    ids,
  );
};
