import { twinTokensOf } from '@caretab/host';
import { NO_BUDGET } from '../../test/gateway';
import fc from 'fast-check';
import { IdentityClient } from './identity.adapter';

const PERSON = 'p-00000000-0000-4000-8000-000000000001';
const clock = { now: () => new Date('2026-03-02T08:00:00Z') };
const gatewayTold = (status: number, text: string): IdentityClient =>
  new IdentityClient(
    {
      url: 'http://identity',
      asked: 'identity',
      tokens: twinTokensOf('gateway'),
      timers: { sleep: async () => undefined },
      fetch: async () => new Response(text, { status }),
    },
    clock,
    NO_BUDGET,
  );
const heard = (answer: Promise<string>): Promise<string> =>
  answer.catch((error: { code: string }) => error.code);
const person = (status: number, body: unknown): Promise<string> =>
  heard(
    gatewayTold(status, typeof body === 'string' ? body : JSON.stringify(body))
      .personOf({ type: 'qr', value: 'QR-1' } as never, { institutionId: 'HZ001', fresh: true })
      .then(({ personId }) => personId),
  );
const institution = (status: number, body: unknown): Promise<string> =>
  heard(
    gatewayTold(status, typeof body === 'string' ? body : JSON.stringify(body)).institutionOf({
      apiKey: 'key-12345',
    }),
  );

test('identity’s own answers are taken as they are meant', async () => {
  expect(await person(200, { personId: PERSON })).toBe(PERSON);
  expect(await person(404, { code: 'PERSON_UNKNOWN' })).toBe('PERSON_UNKNOWN');
  expect(await person(400, { code: 'ID_NUMBER_INVALID' })).toBe('CREDENTIAL_INVALID');
  expect(await person(403, { code: 'CARD_LOST' })).toBe('CARD_LOST');
  expect(await institution(200, { institutionId: 'HZ001' })).toBe('HZ001');
  expect(await institution(404, { code: 'INSTITUTION_UNKNOWN' })).toBe('INSTITUTION_UNKNOWN');
});

test('what identity says of a card that is not valid reaches the hospital, and nothing else of it', async () => {
  const said = { why: 'the card was reported lost', remedy: 'take the ID card' };
  const refused = (details: unknown) =>
    gatewayTold(403, JSON.stringify({ code: 'CARD_NOT_VALID', details }))
      .personOf({ type: 'health-card', value: 'HC-1' }, { institutionId: 'HZ001', fresh: true })
      .catch(({ details: heard }: { details: object }) => heard);
  const credential = 'health-card';
  expect(await refused([{ field: '/value', ...said, value: 'HC-1' }])).toEqual({
    ...{ credential, ...said },
  });
  for (const details of [
    undefined,
    {},
    [null],
    [{ why: 7, remedy: {} }],
    [{ why: 'x'.repeat(300) }],
  ])
    expect(await refused(details)).toEqual({ credential });
});

test('a key is for what identity says; for a scope of a later release nothing is known', async () => {
  const holderBy = (scopes?: unknown) =>
    gatewayTold(200, JSON.stringify({ institutionId: 'HZ001', scopes })).keyHolder('key-12345');
  expect(await holderBy()).not.toHaveProperty('scopes');
  expect(await holderBy(['read', 'teleport'])).toMatchObject({ scopes: ['read'] });
  expect(await holderBy(['teleport'])).toMatchObject({ scopes: [] });
});

test.each<[string, number, unknown]>([
  ['nothing', 200, ''],
  ['null', 200, 'null'],
  ['no JSON', 200, '<html>'],
  ['another shape', 200, []],
  ['an id that is none', 200, { personId: 'ann', institutionId: '*' }],
  ['a number', 200, { personId: 7, institutionId: 7 }],
  ['a 404 of a router that knows no such path', 404, { message: 'Cannot POST /identity' }],
  ['another service’s 404', 404, { code: 'ROUTE_UNKNOWN' }],
  ['a 400 that names no code', 400, { message: 'bad' }],
  ['a 403 of a proxy', 403, 'forbidden'],
  ['our own token refused', 403, { code: 'ACCESS_FORBIDDEN' }],
  ['a code that is none', 403, { code: 'a lie' }],
  ['trouble', 500, { code: 'INTERNAL' }],
])(
  '%s under its address is no answer: the sender is asked to come again, and its message is not refused for good',
  async (_what, status, body) => {
    expect(await person(status, body)).toBe('IDENTITY_UNAVAILABLE');
    expect(await institution(status, body)).toBe('IDENTITY_UNAVAILABLE');
  },
);

test('whatever is answered, what goes on is a person’s id or a refusal by name', () =>
  fc.assert(
    fc.asyncProperty(
      fc.constantFrom(200, 200, 201, 302, 400, 403, 404, 500),
      fc.oneof(
        fc.json(),
        fc.string(),
        fc
          .record({
            personId: fc.oneof(fc.constant(PERSON), fc.anything()),
            code: fc.oneof(fc.string(), fc.constant('PERSON_UNKNOWN')),
          })
          .map((body) => JSON.stringify(body) ?? ''),
      ),
      async (status, text) =>
        expect(await person(status, text)).toMatch(/^(p-[0-9a-f-]{36}|[A-Z][A-Z0-9_]{1,60})$/),
    ),
  ));
