import { addsUp, fuzzed } from '../fuzzing';

test(
  'two thousand bad inputs at every door are each accepted, refused with a ' +
    'reason, or parked, and the counts add up',
  async () => {
    const { code, said, outcome } = await fuzzed('--inputs', '2000', '--seed', '7');
    expect(said.split('\n').filter((line) => line.startsWith('✗'))).toEqual([]);
    expect({ code, ...outcome }).toMatchObject({
      code: 0,
      result: 'held',
      faults: 0,
      inputs: 2000,
    });
    const { doors } = outcome;
    expect(Object.keys(doors)).toEqual([
      'HL7 messages',
      'MLLP streams',
      'HTTP requests',
      'answers of others',
      'bus messages',
      'certificates',
    ]);
    for (const [door, counts] of Object.entries(doors))
      expect({ door, addsUp: addsUp(counts) }).toEqual({ door, addsUp: true });
    // Neither all thrown out at the first glance nor all let in: the inputs are as bad as they should
    // be.
    expect(doors['HL7 messages']!['accepted']).toBeGreaterThan(20);
    expect(doors['HL7 messages']!['refused FIELD_MISSING']).toBeGreaterThan(0);
    expect(doors['HTTP requests']!['refused 400 REQUEST_INVALID']).toBeGreaterThan(20);
    expect(doors['bus messages']!['handled, or ignored by name']).toBeGreaterThan(20);
    expect(doors['bus messages']!['parked CONTRACT_BROKEN']).toBeGreaterThan(20);
    expect(doors['bus messages']!['parked INSTANT_IMPOSSIBLE']).toBeGreaterThan(0);
  },
);
