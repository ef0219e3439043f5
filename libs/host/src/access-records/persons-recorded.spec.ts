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
const BY_HANDLER = [
  ...['ledger-visits.prove', 'ledger-visits.verify', 'loans.read', 'notices.read'],
  'payments.read',
];
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
  ...['confirmations.answer', 'holder-cases.close', 'late-charges.answer', 'loans.repair'],
  ...['own-confirmations.give-code', 'own-confirmations.send-code', 'payments.adopt'],
  ...['identifications.answer', 'payments.collect', 'set-aside.resume', 'visits.identify'],
  'write-offs.make',
];

test('every other change of a visit has its person in the record, by request, answer or handler', () => {
  const changes = allRoutes
    .filter((route: Route) => route.method !== 'GET' && route.whose !== 'public')
    .filter((route: Route) => !route.unrecorded && isOfVisit(route) && !requestNames(route))
    .filter((route: Route) => !namesPerson(route.responses));
  expect(changes.map(({ action }) => action).sort()).toEqual(CHANGES_BY_HANDLER.sort());
});

/** What hospitals submit: the accepted row names sender, visit and person. */
const SUBMITTED = [
  ...['charges.post', 'returns.post', 'visits.cancel', 'visits.end', 'visits.open'],
  ...['visits.reopen', 'visits.update'],
];
/** The decisions on charges that were posted just now; and who looked, at one's own. */
const BESIDES = ['ledger-visits.decisions', 'person-access-records.list'];

test('what names a person or visit leaves a record, but for what hospitals submit', () => {
  const unrecorded = allRoutes
    .filter((route: Route) => route.unrecorded && route.whose !== 'public')
    .filter(({ params, body, responses }: Route) => {
      const isOfVisit = Object.hasOwn(params?.properties ?? {}, 'visitId');
      return isOfVisit || [params, body, responses].some(namesPerson);
    });
  expect(unrecorded.map(({ action }) => action).sort()).toEqual([...SUBMITTED, ...BESIDES].sort());
});
