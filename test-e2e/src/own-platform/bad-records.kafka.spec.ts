import { addsUp, fuzzed } from '../fuzzing';

// On a broker of its own: what is sent here must not lie in the topics of other journeys.
test(
  'records of any bytes on every topic are each handled, ignored by name or ' +
    'parked with a reason, and every group reads to the end',
  async () => {
    const { code, said, outcome } = await fuzzed(
      '--kafka',
      '--door',
      'topics',
      '--inputs',
      '3000',
      '--seed',
      '3',
    );
    expect(said.split('\n').filter((line) => line.startsWith('✗'))).toEqual([]);
    expect({ code, ...outcome }).toMatchObject({
      code: 0,
      result: 'held',
      faults: 0,
      inputs: 3000,
    });
    const records = outcome.doors['Kafka records']!;
    expect(addsUp(records)).toBe(true);
    for (const outcome of [
      'handled, or ignored by name',
      'parked CONTRACT_BROKEN',
      'parked TEXT_UNREADABLE',
      'parked NOT_JSON',
      'parked KEY_MISMATCH',
      'parked EVENT_TYPE_UNKNOWN',
      'parked CHARACTER_FORBIDDEN',
      'parked INSTANT_IMPOSSIBLE',
      'parked HEADER_INVALID',
      'parked HEADER_MISSING',
    ]) {
      expect({ outcome, isSeen: (records[outcome] ?? 0) > 5 }).toEqual({ outcome, isSeen: true });
    }
  },
);
