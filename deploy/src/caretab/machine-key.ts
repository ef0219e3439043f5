import { createHash, createPrivateKey, createPublicKey, randomUUID, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { signInRoutes } from '@caretab/contracts';
import type { CommandLine } from '@caretab/command-line';
import { Platform, platformOf, Refused, urlOf } from './platform';

const ASSERTION = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
const ASSERTION_S = 60;
/** A token that ends sooner is replaced first: a request takes time. */
const LEFT_MS_MIN = 30_000;
const MS_PER_S = 1000;

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

const privateKeyIn = (file: string) => {
  try {
    const key = createPrivateKey(readFileSync(file));
    if (key.asymmetricKeyType !== 'ed25519') throw new Error('it is no Ed25519 key');
    return key;
  } catch (error) {
    throw new Refused(`${file} holds no private key: ${(error as Error).message}`);
  }
};

/** Tokens of a machine, by the key that it signs its assertions with (RFC 7523); each until it ends. */
const machineTokens = (
  url: string,
  subjectId: string,
  keyFile: string,
): (() => Promise<string>) => {
  const key = privateKeyIn(keyFile);
  const { x } = createPublicKey(key).export({ format: 'jwk' });
  const thumbprint = JSON.stringify({ crv: 'Ed25519', kty: 'OKP', x });
  const kid = createHash('sha256').update(thumbprint).digest('base64url');
  const anonymous = new Platform(url, async () => undefined);
  let known: { readonly token: string; readonly endsAtMs: number } | undefined;
  return async () => {
    if (known && known.endsAtMs - Date.now() > LEFT_MS_MIN) return known.token;
    const { issuer } = await anonymous.ask(signInRoutes.describeIssuer);
    const iat = Math.floor(Date.now() / MS_PER_S);
    const claims = { iss: subjectId, sub: subjectId, aud: issuer, iat, exp: iat + ASSERTION_S };
    const text = `${part({ alg: 'EdDSA', kid })}.${part({ ...claims, jti: randomUUID() })}`;
    const answer = await anonymous.ask(signInRoutes.issueToken, {
      body: {
        grant_type: 'client_credentials',
        client_assertion_type: ASSERTION,
        client_assertion: `${text}.${sign(null, Buffer.from(text), key).toString('base64url')}`,
      },
    });
    known = {
      token: answer.access_token,
      endsAtMs: Date.now() + answer.expires_in * MS_PER_S,
    };
    return known.token;
  };
};

/** Of commands that a program may run in its own name. */
export const machineOptions = ['--as', '--key'] as const;
export const machineHelp = `  --as NAME --key FILE   as this machine, by its private key (PEM, Ed25519)`;

/** The platform, asked as the machine that the command line names; else as `platformOf` has it. Throws Usage. */
export const machineOrPlatformOf = (given: CommandLine): Platform => {
  const [name, key] = [given.value('--as'), given.value('--key')];
  if (name === undefined && key === undefined) return platformOf(given);
  if (name === undefined || key === undefined) throw given.wrong('--as and --key go together');
  const url = urlOf(given);
  return new Platform(url, machineTokens(url, name, key));
};
