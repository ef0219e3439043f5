import { createHmac } from 'node:crypto';
import { fixedClock } from '@caretab/doubles';
import { MemoryStore } from '@caretab/store';
import { decodedCodesSuite } from '../../test/decoded-codes.suite';
import type { DecodeQuestion } from './credential-decoder';
import { IssuerGateway } from './issuer.gateway';
import { issuersIn } from './issuers';

describe('codes of other issuers in memory', () =>
  decodedCodesSuite(async () => new MemoryStore()));

const KEY = 'known to the issuer';
const URL_OF = 'http://issuer.test';
const QUESTION: DecodeQuestion = {
  ...{ kind: 'insurance-code', token: 'T-1', requestId: 'r-1', institutionId: 'H1' },
};
const HOLDER = { name: '林清和', idNumber: '330106198006151236' };
const hmac = (text: string, key = KEY): string =>
  createHmac('sha256', key).update(text).digest('hex');

const gatewayTo = (answer: () => Response | Promise<Response>, timeoutMs = 1_500) => {
  const asked: Record<string, string>[] = [];
  const gateway = new IssuerGateway({
    issuers: issuersIn(
      JSON.stringify([
        {
          ...{ issuer: 'bureau', url: URL_OF, key: KEY, kinds: ['insurance-code'], timeoutMs },
          insuranceAuthority: 'CN-330100',
        },
      ]),
    ),
    clock: fixedClock('2026-03-02T00:00:00Z'),
    fetch: async (url, init) => {
      expect(url).toBe(`${URL_OF}/decode`);
      asked.push(JSON.parse(String(init?.body)) as Record<string, string>);
      init?.signal?.throwIfAborted();
      return Promise.race([
        answer(),
        new Promise<never>((_, reject) =>
          init?.signal?.addEventListener('abort', () => reject(new Error('aborted'))),
        ),
      ]);
    },
  });
  return { gateway, asked };
};
const answered = (body: object, { key = KEY, status = 200 } = {}) => {
  const text = JSON.stringify(body);
  const signature = hmac(`r-1.${text}`, key);
  return () => new Response(text, { status, headers: { 'caretab-signature': signature } });
};
const whole = { requestId: 'r-1', outcome: 'decoded', ...HOLDER };

test('an issuer is asked by a signed question, and a signed answer says whose code it is', async () => {
  const { gateway, asked } = gatewayTo(answered(whole));
  const domains = { insuranceAuthority: 'CN-330100' };
  expect(await gateway.decode(QUESTION)).toEqual({ outcome: 'decoded', holder: HOLDER, domains });
  const { signature, ...question } = asked[0]!;
  const at = '2026-03-02T00:00:00.000Z';
  expect(question).toEqual({ ...QUESTION, at });
  expect(signature).toBe(hmac(`${at}.r-1.insurance-code.H1.T-1`));
});

test.each(['unknown', 'expired', 'used', 'other-institution'] as const)(
  'its answer may be that the code is %s',
  async (outcome) => {
    const { gateway } = gatewayTo(answered({ requestId: 'r-1', outcome }));
    expect(await gateway.decode(QUESTION)).toEqual({ outcome });
  },
);

test.each<[string, () => Response]>([
  ['signed by no one', () => new Response(JSON.stringify(whole))],
  ['signed by another', answered(whole, { key: 'another key' })],
  ['to another question', answered({ ...whole, requestId: 'r-2' })],
  ['of no outcome that there is', answered({ ...whole, outcome: 'yes' })],
  ['of a number in place of a name', answered({ ...whole, name: 7 })],
  ['an error', answered(whole, { status: 500 })],
  ['endless', answered({ ...whole, pad: '!'.repeat(100_000) })],
  [
    'no JSON',
    () => new Response('<html>', { headers: { 'caretab-signature': hmac('r-1.<html>') } }),
  ],
])('an answer that is %s is none', async (_, answer) => {
  const { gateway } = gatewayTo(answer);
  expect(await gateway.decode(QUESTION)).toEqual({ outcome: 'silent' });
});

test('an issuer that is late is not waited for, and a kind of no issuer is not asked', async () => {
  const { gateway, asked } = gatewayTo(() => new Promise<Response>(() => undefined), 100);
  expect(await gateway.decode(QUESTION)).toEqual({ outcome: 'silent' });
  expect(await gateway.decode({ ...QUESTION, kind: 'face' })).toEqual({ outcome: 'unset' });
  expect(asked).toHaveLength(1);
});

test('a setting with a fault is refused in one sentence, without a key', () => {
  const one = { issuer: 'a', url: URL_OF, key: 'a key of sixteen', kinds: ['face'] };
  expect(issuersIn(JSON.stringify([one]))[0]!.timeoutMs).toBe(1_500);
  const refusal = (text: string): string => {
    try {
      issuersIn(text);
      return 'none';
    } catch (error) {
      return (error as Error).message;
    }
  };
  expect(refusal(JSON.stringify([one, { ...one, issuer: 'b' }]))).toContain('two issuers decode');
  for (const fault of [{ kinds: [] }, { kinds: ['x'] }, { url: 'ftp://x' }, { timeoutMs: 9_999 }])
    expect(refusal(JSON.stringify([{ ...one, ...fault }]))).toContain('IDENTITY_ISSUERS is wrong');
  expect(refusal(JSON.stringify([{ ...one, key: 'short' }]))).not.toContain('short');
  expect(refusal('{')).toContain('no JSON');
});
