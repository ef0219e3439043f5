import { twinTokensOf } from '@caretab/host';
import { NO_BUDGET } from '../../test/gateway';
import { fixedClock, TestTimers } from '@caretab/doubles';
import { ISSUER_ANSWER_MS_MAX } from '@caretab/contracts';
import { IdentityClient } from './identity.adapter';

test('a clock that jumps back an hour does not keep a key that was ended good for an hour', async () => {
  const clock = fixedClock('2026-03-02T09:00:00Z');
  let isKnown = true;
  const fetch = async (): Promise<Response> =>
    isKnown
      ? Response.json({ institutionId: 'HZ001' })
      : Response.json({ code: 'INSTITUTION_UNKNOWN' }, { status: 404 });
  const identity = new IdentityClient(
    {
      url: 'http://identity',
      asked: 'identity',
      tokens: twinTokensOf('gateway'),
      timers: new TestTimers(),
      fetch: fetch as typeof globalThis.fetch,
    },
    clock,
    NO_BUDGET,
  );
  expect(await identity.institutionOf({ apiKey: 'a key' })).toBe('HZ001');
  isKnown = false;
  expect(await identity.institutionOf({ apiKey: 'a key' })).toBe('HZ001'); // For a second.
  clock.advance(-3_600_000);
  await expect(identity.institutionOf({ apiKey: 'a key' })).rejects.toMatchObject({
    code: 'INSTITUTION_UNKNOWN',
  });
});

test('where an issuer is asked, identity is waited for as much longer as that may take', async () => {
  const waitedMs = jest.spyOn(AbortSignal, 'timeout');
  const personId = 'p-00000000-0000-4000-8000-000000000001';
  const identity = new IdentityClient(
    {
      ...{ url: 'http://identity', asked: 'identity', tokens: twinTokensOf('gateway') },
      timers: new TestTimers(),
      fetch: async () => Response.json({ personId }),
    },
    fixedClock('2026-03-02T09:00:00Z'),
    NO_BUDGET,
  );
  const asked = async (type: 'qr' | 'insurance-code' | 'face') => {
    await identity.personOf({ type, value: 'T-1' }, { fresh: true, institutionId: 'HZ001' });
    return waitedMs.mock.lastCall![0];
  };
  const ownMs = await asked('qr');
  for (const type of ['insurance-code', 'face'] as const)
    expect(await asked(type)).toBe(ownMs + ISSUER_ANSWER_MS_MAX);
});
