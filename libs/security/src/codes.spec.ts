import fc from 'fast-check';
import { CodeSigner, isCodeSigned, readCode, staticCode } from './codes';

const CARD = 'ab'.repeat(32);
const NONCE = '0f'.repeat(16);
const EXPIRES = new Date('2026-03-02T08:01:00Z');
const code = { cardNumber: CARD, nonce: NONCE, application: 'app', expiresAt: EXPIRES };

describe.each(['aes', 'sm'] as const)('a code that the %s suite signs', (suite) => {
  const signer = new CodeSigner(Buffer.alloc(32, 7), suite);
  const text = signer.dynamic(code);
  const { algorithm } = signer.key;

  test('begins with the published form and says whose card, until when', () => {
    expect(text.startsWith(`${CARD}:0:${NONCE}:app:`)).toBe(true);
    expect(text.length).toBeLessThanOrEqual(250);
    expect(readCode(text)).toMatchObject({ ...code, kind: 'dynamic', keyId: signer.key.keyId });
    expect(algorithm).toBe(suite === 'sm' ? 'SM2' : 'Ed25519');
  });

  test('is believed by its key alone, and in no part changed', () => {
    const read = (of: string) =>
      readCode(of) as Extract<ReturnType<typeof readCode>, { kind: 'dynamic' }>;
    expect(isCodeSigned(read(text), [signer.key])).toBe(true);
    expect(isCodeSigned(read(text), [])).toBe(false);
    const other = new CodeSigner(Buffer.alloc(32, 8), suite).key;
    expect(isCodeSigned(read(text), [{ ...other, keyId: signer.key.keyId }])).toBe(false);
    for (const changed of [
      text.replace(CARD, 'cd'.repeat(32)),
      text.replace(NONCE, '1f'.repeat(16)),
      text.replace(':app:', ':apq:'),
      text.replace(/\.([0-9a-z]+)\./, (_all, end: string) => `.${end.slice(0, -1)}z.`),
    ])
      expect([changed === text, isCodeSigned(read(changed), [signer.key])]).toEqual([false, false]);
  });
});

test('a static code is its card alone; another text is none of ours', () => {
  expect(readCode(staticCode(CARD))).toEqual({ kind: 'static', cardNumber: CARD });
  for (const text of ['', 'QR-1234', `${CARD}:2`, `${CARD}:1 `, `${CARD.toUpperCase()}:1`])
    expect(readCode(text)).toBeUndefined();
  fc.assert(
    fc.property(fc.string({ maxLength: 300 }), (text) => {
      readCode(text);
    }),
  );
});
