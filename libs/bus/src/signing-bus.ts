import type { Bus, Message } from './bus';
import { signedAll, type SigningKey } from './message-signature';

/**
 * The bus as one author writes to it: all that is sent carries the author's signature. The key is
 * asked for at each send, so that another may take over.
 */
export const signingBus = (bus: Bus, keyOf: () => SigningKey): Bus =>
  new Proxy(bus, {
    get: (real, name: keyof Bus) => {
      if (name === 'send')
        return (topic: string, messages: readonly Message[]) =>
          real.send(topic, signedAll(topic, messages, keyOf()));
      const member: unknown = real[name];
      return typeof member === 'function' ? (member.bind(real) as unknown) : member;
    },
  });
