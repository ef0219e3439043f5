import type { ServiceTokens } from '@caretab/access';
import { visitHeaders } from '@caretab/telemetry';
import { Type } from '@sinclair/typebox';
import { TypeCompiler } from '@sinclair/typebox/compiler';
import type { Contacts } from './outlets';

const contactCheck = TypeCompiler.Compile(
  Type.Object({
    email: Type.Optional(Type.Union([Type.String(), Type.Null()])),
    mobile: Type.Optional(Type.String()),
    language: Type.Optional(Type.Union([Type.Literal('zh'), Type.Literal('en')])),
  }),
);

/** Asks identity where a person can be reached. */
export class ContactClient implements Contacts {
  constructor(
    private readonly options: {
      readonly url: string;
      readonly tokens: ServiceTokens;
      readonly timeoutMs: number;
      readonly fetch?: typeof globalThis.fetch | undefined;
    },
  ) {}

  async of(personId: string): ReturnType<Contacts['of']> {
    const { url, tokens, timeoutMs, fetch = globalThis.fetch } = this.options;
    try {
      const response = await fetch(
        `${url}/identity/persons/${encodeURIComponent(personId)}/contact`,
        {
          headers: { ...visitHeaders(), authorization: tokens.authorization('identity') },
          signal: AbortSignal.timeout(timeoutMs),
        },
      );
      const contact: unknown = await response.json();
      if (response.status === 404)
        return (contact as { code?: unknown }).code === 'PERSONAL_DATA_DESTROYED'
          ? 'erased'
          : 'unknown';
      if (response.status === 409) return 'unknown';
      if (!response.ok || !contactCheck.Check(contact)) return 'unavailable';
      const { email = null, mobile = null, language = 'zh' } = contact;
      return { email, mobile, language };
    } catch {
      // Identity cannot be asked just now; the notice waits.
      return 'unavailable';
    }
  }
}
