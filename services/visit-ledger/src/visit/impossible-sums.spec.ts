import { type Charge, hospitalVisitEvents, message, read } from '@caretab/contracts';
import { MemoryEventStore } from '@caretab/event-store';
import { fixedClock, TestTimers } from '@caretab/doubles';
import {
  chargeOf,
  noGuardians,
  noLaterClaims,
  rulesByDefault,
  rulesOfAll,
  visitIdOfNumber,
} from '../../test/facts';
import { VisitConsumer } from './visit.consumer';
import { streamOf } from './visit-streams';
import { Visits } from './visits';

const clock = fixedClock('2026-03-02T09:00:00Z');
const timely = {
  clock,
  tolerances: { aheadMs: 7_200_000, behindMs: 1096 * 86_400_000, orderMs: 7_200_000 },
  rules: rulesOfAll(rulesByDefault),
  claims: noLaterClaims,
  waitMs: 72 * 3_600_000,
};
const visitId = visitIdOfNumber('V1');
const [institutionId = ''] = visitId.split('-');
const place = { visitId, institutionId, visitNumber: 'V1' };
const source = `hospital/${institutionId}`;

const eventOf = (type: 'ChargePosted' | 'ChargeReturned', data: object, id: string) => {
  const { key, headers, value } = message(
    hospitalVisitEvents,
    type,
    { ...place, ...data } as never,
    {
      id,
      time: clock.now(),
      source,
    },
  );
  return read(hospitalVisitEvents, { key, headers, value: JSON.stringify(value) });
};
const posted = (changes: Partial<Charge>, id = 'm1') =>
  eventOf('ChargePosted', { charge: { ...chargeOf('C1', 2000), ...changes } }, id);
const factsAfter = async (...batches: ReturnType<typeof eventOf>[][]) => {
  const events = new MemoryEventStore({ clock, timers: new TestTimers() });
  const consumer = new VisitConsumer(new Visits(events), timely, noGuardians);
  for (const batch of batches) await consumer.hospitals(batch);
  return events.readStream(streamOf(visitId));
};

test.each([
  ['an amount that is not the product', { quantity: '2', unitPriceYuan: '10.00', amountFen: 500 }],
  ['a price of zero with an amount', { quantity: '2', unitPriceYuan: '0', amountFen: 500 }],
  ['an amount of zero', { quantity: '2', unitPriceYuan: '10.00', amountFen: 0 }],
  ['a product beyond any', { quantity: '999999999', unitPriceYuan: '999999999', amountFen: 1 }],
])('a charge from the bus with %s is told to its hospital as AMOUNT_MISMATCH', async (_, sum) => {
  const facts = await factsAfter([posted(sum)], [posted(sum)]);
  expect(facts.map(({ type, data }) => ({ type, data }))).toEqual([
    {
      type: 'SubmissionRejected',
      data: expect.objectContaining({
        submissionId: 'm1',
        kind: 'ChargePosted',
        chargeId: 'C1',
        reason: 'AMOUNT_MISMATCH',
        remedy: 'Correct quantity, unit price or amount, and send the charge again.',
      }),
    },
  ]);
});

test.each(['0', '0.0000'])(
  'a charge from the bus of %s pieces is told by its quantity',
  async (quantity) => {
    const [fact, ...more] = await factsAfter([posted({ quantity, amountFen: 0 })]);
    expect(more).toEqual([]);
    expect(fact).toMatchObject({
      type: 'SubmissionRejected',
      data: { reason: 'FIELD_INVALID', remedy: expect.stringMatching(/quantity .* is zero/) },
    });
  },
);

test('the corrected charge is taken under the same charge id, and one on the tab stays', async () => {
  const right = { quantity: '2', unitPriceYuan: '10.00', amountFen: 2000 };
  const facts = await factsAfter(
    [posted({ ...right, amountFen: 500 }), posted(right, 'm2')],
    [posted({ ...right, amountFen: 500 }, 'm3'), posted(right, 'm4')],
  );
  expect(facts.map(({ type }) => type)).toEqual([
    'SubmissionRejected',
    'ChargeWaiting',
    'SubmissionRejected',
    'SubmissionApplied',
  ]);
});
