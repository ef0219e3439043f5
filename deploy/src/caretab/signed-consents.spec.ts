import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { type Consent, consentStatement } from '@caretab/contracts';
import { publicBytesOf } from '@caretab/kernel';
import { checkedConsent } from './signed-consents';

const { privateKey } = generateKeyPairSync('ed25519');
const text = 'I separately agree that the platform asks for my score.';
const said = {
  ...{ given: true, version: '2026-01', channel: 'app' },
  language: 'en' as const,
  purpose: 'score' as const,
  hash: createHash('sha256').update(text).digest('hex'),
};
const statement = consentStatement({
  ...{ ...said, keyId: 'k-1', personId: 'p-1', byPersonId: 'p-1' },
  signedAt: '2026-03-02T08:00:00.000Z',
});
const signature: NonNullable<Consent['signature']> = {
  ...{ keyId: 'k-1', algorithm: 'Ed25519', statement, text },
  publicKey: publicBytesOf(privateKey).toString('base64url'),
  value: sign(null, Buffer.from(statement), privateKey).toString('base64url'),
};
const consent: Consent = {
  ...{ ...said, consentId: 'c-1', evidence: 'own token', at: '2026-03-02T08:00:01Z', signature },
};

test('a consent that was signed is proven by what was handed out', () => {
  expect(checkedConsent(consent)).toBe('signed');
});

test.each<[string, Consent]>([
  ['another purpose', { ...consent, purpose: 'bank' }],
  ['taken back', { ...consent, given: false }],
  ['for a ward', { ...consent, byPersonId: 'p-2' }],
  ['another text', { ...consent, signature: { ...signature, text: `${text} And more.` } }],
  [
    'another person',
    { ...consent, signature: { ...signature, statement: statement.replace('p-1', 'p-9') } },
  ],
  ['no key left', { ...consent, signature: { ...signature, publicKey: undefined } as never }],
])('what was changed afterwards is found: %s', (_what, changed) => {
  expect(checkedConsent(changed)).not.toBe('signed');
});
