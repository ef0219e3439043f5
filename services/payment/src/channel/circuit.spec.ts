import fc from 'fast-check';
import { Circuit } from './circuit';

const policy = { opensAfter: 3, probeDelaysMs: [1000, 5000] };
const at = (ms: number): Date => new Date(1_000_000 + ms);

const opened = (): Circuit => {
  const circuit = new Circuit(policy);
  for (let failure = 0; failure < 3; failure += 1) circuit.fail('unauthorized', at(0));
  return circuit;
};

test('a circuit opens after so many failures in a row, and an answer between them counts from zero', () => {
  const circuit = new Circuit(policy);
  expect([circuit.fail('timeout', at(0)), circuit.fail('timeout', at(1))]).toEqual([false, false]);
  circuit.succeed();
  expect(circuit.fail('timeout', at(2))).toBe(false);
  expect(circuit.fail('timeout', at(3))).toBe(false);
  expect(circuit.admit(at(4))).toBeUndefined();
  expect(circuit.fail('unauthorized', at(5))).toBe(true);
  expect(circuit.state).toEqual({ since: at(5), silence: 'unauthorized' });
});

test('while it is open one probe goes at a time, at growing delays, and the others wait for it', () => {
  const circuit = opened();
  expect(circuit.admit(at(999))).toEqual(at(1000));
  expect(circuit.admit(at(1000))).toBeUndefined();
  expect(circuit.admit(at(1000))).toEqual(at(6000));
  circuit.fail('failing', at(1200));
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
