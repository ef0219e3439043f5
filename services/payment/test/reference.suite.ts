import type { Store } from '@caretab/store';
import type { Channel, PaymentOutcome } from '../src/channel/channel';
import { PERSON, till } from './till';

const PAIRS = 8;

/** Two captures of one reference, held by both stores. */
export const referenceSuite = (open: () => Store): void => {
  test('of two captures with one reference at the same moment one is booked, the other is a case', async () => {
    let reference = '';
    const told = (outcome: PaymentOutcome): PaymentOutcome =>
      outcome.status === 'captured' ? { ...outcome, reference } : outcome;
    /** Answers once both orders are out, so that both are booked at the same moment. */
    const gate: { out: number; open: () => void; both: Promise<void> } = {
      ...{ out: 0, open: () => undefined, both: Promise.resolve() },
    };
    const { accounts, adjudicate, collector, declarations, payments, openCases } = till({
      store: open(),
      inFlightMax: 2,
      channel: (real): Channel => ({
        pay: async (order) => {
          const outcome = told(await real.pay(order));
          gate.out += 1;
          if (gate.out === 2) gate.open();
          await gate.both;
          return outcome;
        },
        findPayment: async (order) => told(await real.findPayment(order)),
        refund: (order) => real.refund(order),
        findRefund: (order) => real.findRefund(order),
        statement: (date) => real.statement(date),
      }),
    });
    await accounts.bind(PERSON, { channel: 'unionpay', token: 'acct-1:ok' });
    for (let pair = 0; pair < PAIRS; pair += 1) {
      reference = `r-${pair}`;
      Object.assign(gate, { out: 0, both: new Promise<void>((resolve) => (gate.open = resolve)) });
      const visits = [`H1-${pair}a`, `H1-${pair}b`];
      for (const visitId of visits) await adjudicate({ visitId });
      await collector.runOnce();
      const paid = await Promise.all(visits.map(async (visitId) => payments.of(visitId)));
      expect(paid.map(({ paidFen }) => paidFen).sort()).toEqual([0, 30_000]);
      const { visitId, orders } = paid.find(({ paidFen }) => paidFen === 0)!;
      expect(await openCases()).toMatchObject([{ visitId, reason: 'REFERENCE_OF_ANOTHER' }]);
      // The bank corrects itself.
      reference = `r-${pair}-of-its-own`;
      await declarations.inquire(orders[0]!.orderId);
      expect(await payments.of(visitId)).toMatchObject({ paidFen: 30_000 });
      expect(await openCases()).toEqual([]);
    }
  });
};
