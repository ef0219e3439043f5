import fc from 'fast-check';
import type { Silence } from './channel';
import { Circuit } from './circuit';

const policy = { opensAfter: 3, probeDelaysMs: [1000, 5000] };
const at = (ms: number): Date => new Date(1_000_000 + ms);

const opened = (): Circuit => {
  const circuit = new Circuit(policy);
  for (let failure = 0; failure < 3; failure += 1) circuit.fail('o-1', 'unauthorized', at(0));
  return circuit;
};

test('a circuit opens when so many orders in a row get no answer, and an answer between them counts from zero', () => {
  const circuit = new Circuit(policy);
  expect(circuit.fail('o-1', 'timeout', at(0))).toBe(false);
  expect(circuit.fail('o-2', 'failing', at(1))).toBe(false);
  circuit.succeed();
  expect(circuit.fail('o-3', 'unreachable', at(2))).toBe(false);
  expect(circuit.fail('o-4', 'unreadable', at(3))).toBe(false);
  expect(circuit.admit(at(4))).toBeUndefined();
  expect(circuit.fail('o-5', 'timeout', at(5))).toBe(true);
  expect(circuit.state).toEqual({ since: at(5), silence: 'timeout' });
});

test('one order that gets no answer, however often it is asked for, stops no others', () => {
  const circuit = new Circuit(policy);
  for (let second = 0; second < 100; second += 1)
    expect(circuit.fail('o-1', 'timeout', at(1000 * second))).toBe(false);
  expect(circuit.admit(at(100_000))).toBeUndefined();
  circuit.fail('o-2', 'timeout', at(100_001));
  expect(circuit.fail('o-2', 'timeout', at(100_002))).toBe(false);
  expect(circuit.fail('o-3', 'timeout', at(100_003))).toBe(true);
});

test('a rejected key opens it though one order asks alone', () => {
  const circuit = new Circuit(policy);
  expect(circuit.fail('o-1', 'unauthorized', at(0))).toBe(false);
  expect(circuit.fail('o-1', 'forbidden', at(1))).toBe(false);
  expect(circuit.fail('o-1', 'unauthorized', at(2))).toBe(true);
  expect(circuit.state).toEqual({ since: at(2), silence: 'unauthorized' });
});

test('every second probe is left to an order that is not silent, for two seconds', () => {
  const circuit = new Circuit(policy);
  for (const orderId of ['o-1', 'o-2', 'o-3']) circuit.fail(orderId, 'timeout', at(0));
  expect(circuit.admit(at(1000), 'o-1')).toBeUndefined();
  expect(circuit.admit(at(6000), 'o-2')).toEqual(at(8000));
  expect(circuit.admit(at(6000))).toBeUndefined();
  expect(circuit.admit(at(11_000), 'o-3')).toBeUndefined();
  // Where no other comes, a silent one goes.
  expect(circuit.admit(at(18_000), 'o-1')).toBeUndefined();
});

test('orders that a process before left without an answer count with those to come', () => {
  const circuit = new Circuit(policy);
  expect(circuit.resume(['o-1', 'o-2'], at(0))).toBe(false);
  expect(circuit.state).toBeUndefined();
  expect(circuit.fail('o-2', 'timeout', at(1))).toBe(false);
  expect(circuit.fail('o-3', 'timeout', at(2))).toBe(true);
  const again = new Circuit(policy);
  expect(again.resume(['o-1', 'o-2', 'o-3', 'o-4'], at(0))).toBe(true);
  expect(again.state).toEqual({ since: at(0), silence: 'restarted' });
  expect(again.admit(at(3))).toBeUndefined();
  expect(again.admit(at(3))).toEqual(at(1003));
});

type Said = { readonly order: number; readonly silence?: Silence };
const saidOf: fc.Arbitrary<Said> = fc.record(
  {
    order: fc.nat(4),
    silence: fc.constantFrom<Silence>('timeout', 'failing', 'unreachable', 'unauthorized'),
  },
  { requiredKeys: ['order'] },
);

test('it is open exactly when the failures since the last answer, each silent order once, are enough', () => {
  fc.assert(
    fc.property(fc.array(saidOf, { maxLength: 60 }), fc.nat(4), (all, resumed) => {
      const circuit = new Circuit(policy);
      const left = Array.from({ length: resumed }, (_, order) => `o-${order}`);
      circuit.resume(left, at(0));
      let since = left;
      for (const { order, silence } of all) {
        if (!silence) {
          circuit.succeed();
          since = [];
        } else {
          circuit.fail(`o-${order}`, silence, at(1));
          // Each rejection of the key is one of its own.
          const ofTheKey = silence === 'unauthorized';
          since = [...since, ofTheKey ? `key-${since.length}` : `o-${order}`];
        }
        expect(circuit.state !== undefined).toBe(new Set(since).size >= policy.opensAfter);
      }
    }),
  );
});

test('while it is open one probe goes at a time, at growing delays, and the others wait for it', () => {
  const circuit = opened();
  expect(circuit.admit(at(999))).toEqual(at(1000));
  expect(circuit.admit(at(1000))).toBeUndefined();
  expect(circuit.admit(at(1000))).toEqual(at(6000));
  circuit.fail('o-1', 'failing', at(1200));
  expect(circuit.state).toEqual({ since: at(0), silence: 'failing' });
  expect(circuit.admit(at(5999))).toEqual(at(6000));
  expect(circuit.admit(at(6000))).toBeUndefined();
  expect(circuit.admit(at(6001))).toEqual(at(11_000));
});

test('a clock that is set back an hour holds up no probe', () => {
  const circuit = opened();
  expect(circuit.admit(at(-3_600_000))).toBeUndefined();
  expect(circuit.admit(at(-3_600_000 + 4999))).toEqual(at(-3_600_000 + 5000));
  expect(circuit.admit(at(-3_600_000 + 5000))).toBeUndefined();
});

test('an answer closes it, and all may go', () => {
  const circuit = opened();
  expect(circuit.succeed()).toBe(true);
  expect(circuit.state).toBeUndefined();
  expect(circuit.admit(at(1))).toBeUndefined();
});

test('a request that must wait is given a moment ahead, and may go then unless another went', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(20_000), { maxLength: 40 }), (moments) => {
      const circuit = opened();
      let admittedAt = -1;
      for (const moment of moments.sort((a, b) => a - b)) {
        const waits = circuit.admit(at(moment));
        if (waits) expect(waits.getTime()).toBeGreaterThan(at(moment).getTime());
        else {
          expect(moment - admittedAt).toBeGreaterThanOrEqual(1000);
          admittedAt = moment;
        }
      }
    }),
  );
});
