import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { credentialFor } from './credential';
import { forgetSignIn, keepSignIn, keptSignIn } from './sign-in-file';

const { CARETAB_CONFIG: configBefore, OPERATOR_KEY: keyBefore } = process.env;
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'caretab-credential-'));
  process.env['CARETAB_CONFIG'] = folder;
  process.env['OPERATOR_KEY'] = 'the-key-of-operators';
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
  for (const [name, before] of [
    ['CARETAB_CONFIG', configBefore],
    ['OPERATOR_KEY', keyBefore],
  ] as const)
    if (before === undefined) delete process.env[name];
    else process.env[name] = before;
});

const signIn = {
  ...{ subjectId: 'alice', url: 'http://127.0.0.1:8080', accessToken: 'the-token' },
  ...{ refreshToken: 'the-session', expiresAt: new Date(Date.now() + 300_000).toISOString() },
};

test('who signed in asks in place of the operators’ key, at that host alone', async () => {
  expect(await credentialFor('http://127.0.0.1:8080')).toBe('the-key-of-operators');
  keepSignIn(signIn);
  expect(keptSignIn()).toEqual(signIn);
  expect(await credentialFor('http://127.0.0.1:8080')).toBe('the-token');
  expect(await credentialFor('http://127.0.0.1:8084')).toBe('the-token');
  expect(await credentialFor('https://caretab.example')).toBe('the-key-of-operators');
  forgetSignIn();
  expect(await credentialFor('http://127.0.0.1:8080')).toBe('the-key-of-operators');
});

test('a token that is about to end is replaced, and where that fails nothing else is sent', async () => {
  keepSignIn({ ...signIn, url: 'http://127.0.0.1:1', expiresAt: new Date().toISOString() });
  await expect(credentialFor('http://127.0.0.1:1')).rejects.toThrow('no answer from');
  forgetSignIn();
});
