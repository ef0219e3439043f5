import { hospitalHeaders } from '@caretab/hospital';
import { derivedId } from '@caretab/kernel';
import { keyOf } from './hospital-doors';
import type { JudgedRun } from './judged-run';
import { isObliged } from './obliged';
import { parkedRows, rows } from './quiescence';
import { must } from './violation';
import { busOfAll } from '@caretab/bus';

/** Where a person's content stands, and what of a row is left once the person is erased. */
const PERSONAL: readonly {
  readonly service: string;
  readonly table: string;
  readonly by: string;
  /** Fields that hold personal content; none: the row itself does. */
  readonly fields?: readonly string[];
}[] = [
  { service: 'identity', table: 'person', by: 'personId', fields: ['sealed'] },
  { service: 'identity', table: 'person_key', by: 'personId' },
  { service: 'identity', table: 'identifier', by: 'personId' },
  { service: 'identity', table: 'guardianship', by: 'personId' },
  { service: 'identity', table: 'guardianship', by: 'guardianId' },
  { service: 'credit', table: 'subject', by: 'personId', fields: ['guardianId'] },
  { service: 'payment', table: 'bound_account', by: 'personId' },
  { service: 'payment', table: 'collection', by: 'accountPersonId', fields: ['offeredToken'] },
  { service: 'notification', table: 'notice', by: 'recipientId' },
  { service: 'notification', table: 'preference', by: 'personId' },
  { service: 'notification', table: 'guardian', by: 'personId' },
  { service: 'gateway', table: 'intake', by: 'personId', fields: ['sealed'] },
  {
    service: 'gateway',
    table: 'accepted_event',
    by: 'personId',
    fields: ['patientNumberHash', 'furtherNumberHashes'],
  },
];

/** A message that is refused and names the citizen: it stands in the quarantine. */
const refusedMessage = async ({ plan, people }: JudgedRun, citizen: number): Promise<void> => {
  const { institutionId } = plan.institutions[0]!;
  const body = {
    visitNumber: 'REFUSED',
    visitClass: 'none',
    credential: { type: 'id-number', value: plan.citizens[citizen]!.idNumber },
    startedAt: '2026-03-02T09:00:00+08:00',
  };
  const headers = hospitalHeaders(keyOf(institutionId), 'refused-message');
  const { status } = await people.ask('gateway', 'POST', '/v1/visits', body, { headers });
  must(status === 400, 'erased', () => ({ refusedMessage: status }));
};

/**
 * Where a message of a broken release is put, and the services that park it: without any name or
 * number. An erasure empties it where it is of a person alone, and not of a visit's money.
 */
const STRAYS = [
  {
    topic: 'identity.persons',
    type: 'GuardianAppointed',
    parkedBy: ['credit', 'gateway', 'notification', 'payment'],
    isEmptied: true,
  },
  {
    topic: 'hospital.visit-events',
    type: 'VisitStarted',
    parkedBy: ['visit-ledger'],
    isEmptied: false,
  },
  {
    topic: 'visit-ledger.visits',
    type: 'VisitOpened',
    parkedBy: ['adjudication', 'credit'],
    isEmptied: false,
  },
  {
    topic: 'visit-ledger.visits',
    type: 'VisitSetAside',
    parkedBy: ['credit', 'notification', 'payment'],
    isEmptied: false,
  },
] as const;

/** A code in a member that no contract has: it stays while the message is parked. */
const markOf = (type: string, citizen: number): string => `stray-${type}-${citizen}`;

/** What names a citizen, by the judge's own book. */
const namesOf = ({ plan }: JudgedRun, citizen: number): string[] => {
  const { name, idNumber, mobile, email } = plan.citizens[citizen]!;
  return [name, idNumber, mobile, email];
};

/** Whether a text of theirs stands in any row of a service: in clear, whichever table it is. */
const tableNaming = (
  { world }: JudgedRun,
  service: string,
  names: readonly string[],
): string | undefined => {
  for (const [table, stored] of world.databases.get(service)!.everything()) {
    const text = JSON.stringify(stored);
    if (names.some((name) => text.includes(name))) return table;
  }
  return undefined;
};

/** Messages that no consumer can read, and that name the citizen: they are parked. */
const sendStrays = async ({ world, plan, people }: JudgedRun, citizen: number): Promise<void> => {
  const { name, idNumber } = plan.citizens[citizen]!;
  const personId = people.personIds[citizen]!;
  for (const { topic, type } of STRAYS)
    await busOfAll(world.bus).send(topic, [
      {
        key: personId,
        headers: {
          ce_specversion: '1.0',
          ce_id: derivedId('stray', topic, type, personId),
          ce_type: type,
          ce_source: 'stray',
          ce_time: world.scheduler.now().toISOString(),
          'content-type': 'application/json',
        },
        value: JSON.stringify({ personId, name, idNumber, mark: markOf(type, citizen) }),
      },
    ]);
};

const straysAreParked = (court: JudgedRun, citizen: number): void => {
  for (const { type, parkedBy } of STRAYS)
    for (const service of parkedBy) {
      const found = tableNaming(court, service, [markOf(type, citizen)]);
      must(found === 'parked', 'erased', () => ({ type, service, parked: 'no' }));
      const named = tableNaming(court, service, namesOf(court, citizen));
      must(named !== 'parked', 'erased', () => ({ type, service, parked: 'with names' }));
    }
};

const straysAreEmptied = (court: JudgedRun, citizen: number): void => {
  for (const { type, parkedBy, isEmptied } of STRAYS)
    for (const service of isEmptied ? parkedBy : []) {
      const table = tableNaming(court, service, [markOf(type, citizen)]);
      must(table === undefined, 'erased', () => ({ type, service, table }));
    }
};

/** What no erasure empties is given up by the operator. */
const discardStrays = async (
  { world }: JudgedRun,
  rest: <Result>(work: Promise<Result>) => Promise<Result>,
): Promise<void> => {
  for (const { service, row } of parkedRows(world))
    if (row.value.includes('stray-'))
      await rest(
        world.network.within(service, ({ instance }) =>
          instance.parked.discard(row.id, 'of a broken release'),
        ),
      );
};

/** Clocks of two services are no further apart. */
const CLOCKS_APART_MS = 5 * 60_000;

/**
 * Nothing personal in any row. What a hospital sent hours after the destruction is not covered by
 * it: it stands in the quarantine until it is discarded.
 */
const nothingIsLeft = async (
  court: JudgedRun,
  citizen: number,
  destroyedAt: string,
): Promise<void> => {
  const { world, people, plan } = court;
  const personId = people.personIds[citizen]!;
  for (const { service, table, by, fields } of PERSONAL)
    for (const row of rows<Record<string, unknown>>(world, service, table))
      must(
        row[by] !== personId ||
          (fields?.every((field) => row[field] === null || row[field] === '') ?? false),
        'erased',
        () => ({ service, table, personId }),
      );
  for (const service of world.databases.keys()) {
    const table = tableNaming(court, service, namesOf(court, citizen));
    must(table === undefined, 'erased', () => ({ service, table, names: personId }));
  }
  const { idNumber } = plan.citizens[citizen]!;
  type Quarantined = { readonly id: string; readonly receivedAt: Date };
  for (const { id, receivedAt } of rows<Quarantined>(world, 'gateway', 'quarantine')) {
    if (receivedAt.getTime() > Date.parse(destroyedAt) + CLOCKS_APART_MS) continue;
    const { body } = await people.ask('gateway', 'GET', `/gateway/quarantine/${id}`);
    must(!JSON.stringify(body).includes(idNumber), 'erased', () => ({ quarantine: id, personId }));
  }
};

/** Who registers again is the person of before, with the line and the standing of before. */
const nothingIsLaundered = async (court: JudgedRun, citizen: number): Promise<void> => {
  const { world, people, plan } = court;
  const { name, idNumber, mobile } = plan.citizens[citizen]!;
  const personId = people.personIds[citizen]!;
  const frozen = (): unknown =>
    rows<{ accountPersonId: string; frozenReason: string | null }>(world, 'credit', 'account').find(
      ({ accountPersonId }) => accountPersonId === personId,
    )?.frozenReason;
  const before = frozen();
  const { body } = await people.ask('identity', 'POST', '/identity/persons', {
    name,
    idNumber,
    mobile,
  });
  must((body as { personId?: string }).personId === personId, 'laundered', () => body);
  must(frozen() === before, 'laundered', () => ({ before, after: frozen() }));
};

/**
 * A citizen asks to be erased, with the platform at rest: refused by what the books say, or gone
 * from every table. `rest` lets the platform do what is left. Throws Violation.
 */
export const judgeErasure = async (
  court: JudgedRun,
  citizen: number,
  rest: <Result>(work: Promise<Result>) => Promise<Result>,
): Promise<void> => {
  const { people } = court;
  const path = `/identity/persons/${people.personIds[citizen]!}`;
  const wasErased = (await rest(people.ask('identity', 'GET', `${path}/erasure`))).status === 200;
  if (!wasErased) await rest(refusedMessage(court, citizen));
  const isFreed = !wasErased && !isObliged(court, citizen);
  if (isFreed) {
    await rest(sendStrays(court, citizen));
    straysAreParked(court, citizen);
  }
  const { status, body: refusal } = await rest(
    people.ask('identity', 'DELETE', `${path}/personal-data`),
  );
  if (status === 409)
    return must(isObliged(court, citizen), 'erased', () => ({ citizen, status, refusal }));
  // Asked in the storm, it may have been done before a late charge became due.
  must(wasErased || !isObliged(court, citizen), 'debtor', () => ({ citizen, status }));
  const { body } = await rest(people.ask('identity', 'GET', `${path}/erasure`));
  const { status: erasure, destroyedAt = '' } = body as { status: string; destroyedAt?: string };
  must(erasure === 'done', 'erased', () => body);
  if (isFreed) straysAreEmptied(court, citizen);
  await rest(nothingIsLeft(court, citizen, destroyedAt));
  await rest(nothingIsLaundered(court, citizen));
  if (isFreed) await discardStrays(court, rest);
};
