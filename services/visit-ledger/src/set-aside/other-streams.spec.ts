import { type AsideWorld, asideWorld, open, post } from '../../test/aside-world';
import { visitIdOfNumber } from '../../test/facts';
import { alter, forge } from '../../test/intruder';
import { streamOf } from '../visit/visit-streams';
import { Visits } from '../visit/visits';
import { FAULTS_A_MINUTE_MAX, passingBy, SetAside } from './set-aside';

const [A1, B1] = [visitIdOfNumber('A1'), visitIdOfNumber('B1')];
const approval = { reason: 'written by a script', leavesOut: [4] };

let made: AsideWorld;
beforeEach(async () => {
  made = await asideWorld();
  await open(made, 'A1');
  await open(made, 'B1');
  await made.settle();
});
afterEach(() => made.stop());

test('a foreign event in a stream that the visit would go on in: the next one is taken', async () => {
  await forge(made.events, `${streamOf(A1)}~2`);
  await forge(made.events, streamOf(A1));
  await made.settle();
  const resumed = await made.resumption.resume(A1, approval);
  expect(resumed).toMatchObject({ stream: `${streamOf(A1)}~3`, events: 4 });
  await post(made, 'A1', 'C2');
  await made.settle();
  expect(await made.rowOf(A1)).toMatchObject({ chargesDeferred: 2 });
  expect(await made.differences()).toEqual([]);
});

test('a foreign event among the decisions of a visit keeps it from no way on', async () => {
  await forge(made.events, `resumption-${A1}`);
  await forge(made.events, streamOf(A1));
  await made.settle();
  await made.resumption.resume(A1, approval);
  expect(await made.events.readStream(`resumption-${A1}~2`)).toMatchObject([
    { type: 'VisitContinued', data: { to: `${streamOf(A1)}~2` } },
  ]);
  await post(made, 'A1', 'C2');
});

test('a foreign event in no visit’s stream, or in one that its visit is not in, sets nobody aside', async () => {
  await forge(made.events, 'foo');
  await forge(made.events, `resumption-${B1}`);
  await forge(made.events, `${streamOf(B1)}~2`);
  await made.settle();
  await post(made, 'B1', 'C2');
  await made.settle();
  expect(await made.list()).toEqual([]);
  expect(await made.told()).toEqual([]);
  expect(made.setAside.degradations()).toEqual([]);
  expect(await made.rowOf(B1)).toMatchObject({ chargesDeferred: 2 });
});

test('what is left without its opening is no visit: it is to be restored', async () => {
  for (const revision of [0, 1, 2]) await alter(made.events, streamOf(A1), revision, 'visitId');
  const reading = new Visits(made.events, made.setAside).look(A1);
  await expect(reading).rejects.toMatchObject({ fault: { kind: 'forged', revision: 0 } });
  const leavesOut = [0, 1, 2];
  await expect(made.resumption.resume(A1, { reason: 'altered', leavesOut })).rejects.toMatchObject({
    code: 'FACTS_LEFT_OUT',
    details: { leavesOut, remedy: expect.stringContaining('restore') },
  });
  expect(await made.events.readStream(`resumption-${A1}`)).toEqual([]);
});

test('more faults than stop the readers are recorded where an operator allows as many', async () => {
  const { events, store, clock } = made;
  await made.stop();
  const numbers = Array.from({ length: FAULTS_A_MINUTE_MAX + 5 }, (_, index) => `C${index}`);
  for (const number of numbers) {
    await open(made, number);
    await forge(events, streamOf(visitIdOfNumber(number)));
  }
  const logger = { error: () => undefined };
  const allowed = new SetAside({ ...{ store, storeId: 'twin', clock, logger }, aMinuteMax: 100 });
  await passingBy(events, allowed.note).readAll({ after: 0n, countMax: 1000 });
  expect(numbers.every((number) => allowed.isAside(visitIdOfNumber(number)))).toBe(true);
});
