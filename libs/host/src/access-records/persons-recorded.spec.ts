import { allRoutes, type Route } from '@caretab/contracts';

/** Whether a schema of an answer has a `personId` anywhere. */
const namesPerson = (schema: unknown): boolean =>
  typeof schema === 'object' &&
  schema !== null &&
  (Object.hasOwn((schema as { properties?: object }).properties ?? {}, 'personId') ||
    Object.values(schema).some(namesPerson));

const requestNames = ({ whose, params, body }: Route): boolean =>
  (typeof whose === 'object' && whose.person !== undefined) ||
  [params, body].some((part) => Object.hasOwn(part?.['properties'] ?? {}, 'personId'));
const isOfVisit = ({ whose, params }: Route): boolean =>
  (typeof whose === 'object' && whose.visit !== undefined) ||
  Object.hasOwn(params?.properties ?? {}, 'visitId');

/** Their handlers say it beside the answer (`concerning`); specs beside them hold that. */
const BY_HANDLER = ['ledger-visits.prove', 'ledger-visits.verify', 'notices.read', 'payments.read'];
/** The event that opened the visit is in the answer, and names its person. */
const BY_EVENTS = ['ledger-visits.history', 'visits.history'];

test('every read of a visit has its person in the record: by request, answer or handler', () => {
  const reads = allRoutes
    .filter((route: Route) => route.method === 'GET' && route.whose !== 'public')
    .filter((route: Route) => !route.unrecorded && isOfVisit(route) && !requestNames(route));
  const nameless = reads.filter((route: Route) => !namesPerson(route.responses));
  expect(nameless.map(({ action }) => action).sort()).toEqual([...BY_HANDLER, ...BY_EVENTS].sort());
  expect(reads.length).toBeGreaterThan(nameless.length);
});

/** Their handlers say it beside the answer too. */
const CHANGES_BY_HANDLER = [
  ...['confirmations.answer', 'holder-cases.close', 'late-charges.answer', 'payments.adopt'],
  ...['payments.collect', 'set-aside.resume'],
];

/** Who a patient was whom no one knew: their records name the visit alone. */
const NAMELESS = ['identifications.answer', 'visits.identify'];

test('every other change of a visit has its person in the record, by request, answer or handler', () => {
  const changes = allRoutes
    .filter((route: Route) => route.method !== 'GET' && route.whose !== 'public')
    .filter((route: Route) => !route.unrecorded && isOfVisit(route) && !requestNames(route))
    .filter((route: Route) => !namesPerson(route.responses));
  expect(changes.map(({ action }) => action).sort()).toEqual(
    [...CHANGES_BY_HANDLER, ...NAMELESS].sort(),
  );
});
