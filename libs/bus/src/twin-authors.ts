import { createPublicKey, hash } from 'node:crypto';
import { type AuthorKey, type AuthorKeys, Authors } from './authors';
import type { Bus, Message } from './bus';
import { SERVICES } from '@caretab/contracts';
import { privateKeyOf } from '@caretab/kernel';
import { authorsOf } from './bus-keys';
import type { SigningKey } from './message-signature';
import { signingBus } from './signing-bus';

const signing = new Map<string, SigningKey>();
const verifying = new Map<string, AuthorKey>();

const seedOf = (author: string): Buffer => hash('sha256', `the key of ${author}`, 'buffer');

/** For tests and simulations: an author's key is made of its name, so that a test can sign as any. */
export const twinKeyOf = (author: string): SigningKey => {
  let key = signing.get(author);
  if (!key) {
    signing.set(author, (key = { kid: author, author, key: privateKeyOf(seedOf(author)) }));
  }
  return key;
};

/** The public keys of all authors that sign with `twinKeyOf`. */
export const TWIN_AUTHORS: AuthorKeys = {
  of: (author) => {
    let key = verifying.get(author);
    if (!key)
      verifying.set(
        author,
        (key = { kid: author, author, key: createPublicKey(twinKeyOf(author).key) }),
      );
    return key;
  },
};

/** The settings of a process whose services sign with `twinKeyOf`; `more`: services of a test. */
export const twinBusSettings = (
  more: readonly string[] = [],
): {
  readonly BUS_SIGNING_KEYS: string;
  readonly BUS_AUTHORS: string;
} => {
  const signingKeys = JSON.stringify(
    Object.fromEntries(
      [...SERVICES, ...more]
        .flatMap((service) => [service, `service/${service}`])
        .map((author) => [author, { kid: author, key: seedOf(author).toString('base64') }]),
    ),
  );
  return {
    BUS_SIGNING_KEYS: signingKeys,
    BUS_AUTHORS: JSON.stringify({ keys: authorsOf(signingKeys) }),
  };
};

/** Who writes to a topic, by its name; to the hospitals' shared topic, the gateway. */
export const authorOf = (topic: string): string => {
  const [first, second, institutionId] = topic.split('.') as [string, string, string?];
  if (second === 'reports' && institutionId !== undefined) return `hospital/${institutionId}`;
  return { insurer: 'adjudication', hospital: 'gateway' }[first] ?? first;
};

/** The bus for who writes in the place of all: each message is signed by an author of its topic. */
export const busOfAll = (bus: Bus, keyOf: (author: string) => SigningKey = twinKeyOf): Bus =>
  new Proxy(bus, {
    get: (real, name: keyof Bus) => {
      if (name === 'send')
        return (topic: string, messages: readonly Message[]) =>
          signingBus(real, () => keyOf(authorOf(topic))).send(topic, messages);
      const member: unknown = real[name];
      return typeof member === 'function' ? (member.bind(real) as unknown) : member;
    },
  });

/** What who consumes in a test needs beside its own. */
export const TWIN_PARTS = {
  authors: new Authors(TWIN_AUTHORS, { now: () => new Date(0) }),
  signingKey: () => twinKeyOf('credit'),
};
