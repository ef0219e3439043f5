import { spawnSync } from 'node:child_process';
import { SUITES } from './suites';

const KEY = Buffer.from(Array.from({ length: 32 }, (_, at) => at));
const NONCE = Buffer.alloc(16, 0xa5);
const BESIDE = Buffer.from('whose and what');
const TEXT = Buffer.from('a message of more than one block of sixteen bytes');

/** What OpenSSL's command line says; undefined where there is none. */
const openssl = (input: Buffer, ...args: string[]): Buffer | undefined => {
  const { error, status, stdout, stderr } = spawnSync('openssl', args, { input });
  if (error) return undefined;
  if (status !== 0) throw new Error(stderr.toString());
  return stdout;
};
const hmacSm3 = (key: Buffer, input: Buffer): Buffer | undefined =>
  openssl(
    input,
    'dgst',
    '-sm3',
    '-mac',
    'HMAC',
    '-macopt',
    `hexkey:${key.toString('hex')}`,
    '-binary',
  );

/** Made by `openssl enc -sm4-ctr` and `openssl dgst -sm3 -mac HMAC` of OpenSSL 3.0.19. */
const EXPECTED =
  '52338748d503f6ab94be248b0f927c7007fe453318f82e38e12297559164b974b94657e4ba7329b81f54407b408d8d58' +
  '744d5d0c146b89e5dd57a8f572d1d3170ea02543b49bcf6423a72e70582c52ab08';

test('sm is SM4 in counter mode and HMAC-SM3 as OpenSSL’s command line has them', () => {
  const sealed = SUITES.sm.encrypt({ key: KEY, nonce: NONCE, beside: BESIDE }, TEXT);
  expect(sealed.toString('hex')).toBe(EXPECTED);
  const sm4Key = hmacSm3(KEY, Buffer.from('caretab sm4-ctr'))?.subarray(0, 16);
  const sm3Key = hmacSm3(KEY, Buffer.from('caretab hmac-sm3'));
  if (!sm4Key || !sm3Key) return; // The text above is OpenSSL's.
  const [key, iv] = [sm4Key.toString('hex'), NONCE.toString('hex')];
  const body = openssl(TEXT, 'enc', '-sm4-ctr', '-K', key, '-iv', iv)!;
  const length = Buffer.from([0, 0, 0, 0, 0, 0, 0, BESIDE.length]);
  const tag = hmacSm3(sm3Key, Buffer.concat([length, BESIDE, NONCE, body]))!;
  expect(Buffer.concat([body, tag]).toString('hex')).toBe(EXPECTED);
});
