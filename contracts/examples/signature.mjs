// The signature of a producer's own messages, written against docs/integration-events.md alone.
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  sign,
} from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

const sha256 = (...parts) => parts.reduce((sum, part) => sum.update(part), createHash('sha256'));

/**
 * The private key in a file; made where there is none. `publicKey` is what the platform's operator
 * is given: it belongs into the keys of BUS_AUTHORS.
 */
export const keyIn = (file, institution) => {
  if (!existsSync(file)) {
    const { privateKey } = generateKeyPairSync('ed25519');
    writeFileSync(file, privateKey.export({ format: 'pem', type: 'pkcs8' }), { mode: 0o600 });
  }
  const key = createPrivateKey(readFileSync(file));
  const { x } = createPublicKey(key).export({ format: 'jwk' });
  const author = `hospital/${institution}`;
  const publicKey = {
    kid: `${author}-1`,
    author,
    key: Buffer.from(x, 'base64url').toString('base64'),
  };
  return { key, publicKey };
};

/** The message with `ce_signature`: a batch of one, whose root is its own digest. */
export const signed = (topic, message, { key, publicKey }) => {
  const { headers, value } = message;
  const names = ['ce_id', 'ce_type', 'ce_source', 'ce_time', 'ce_causationid', 'traceparent'];
  const content = JSON.stringify([
    'message',
    topic,
    message.key,
    ...names.map((name) => headers[name] ?? null),
    sha256(value).digest('base64url'),
  ]);
  const root = sha256('\0', content).digest();
  const signature = sign(null, Buffer.concat([Buffer.from('caretab messages 1 1 '), root]), key);
  const place = Buffer.from([0, 0, 0, 0, 0, 0, 0, 1]);
  const text = Buffer.concat([place, signature]).toString('base64url');
  return { ...message, headers: { ...headers, ce_signature: `${publicKey.kid}.${text}` } };
};
