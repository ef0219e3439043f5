import { PLATFORM, RemoteIssuer, subjectIn, TokenAuthenticator } from '@caretab/access';
import type { Clock } from '@caretab/kernel';
import type { Jobs } from './jobs';

/** A token that ends before its time is refused after so long. */
const VOID_READ_INTERVAL_MS = 2_000;

/** Those who hold a token of the issuer: staff, machines, hospitals. A service is none of them. */
export const tokenCallers = (
  issuer: string,
  {
    jobs,
    clock,
    fetch,
  }: {
    readonly jobs: Jobs;
    /** The machine's, as the issuer's. */
    readonly clock: Clock;
    readonly fetch: typeof globalThis.fetch;
  },
): TokenAuthenticator => {
  const remote = new RemoteIssuer(issuer, fetch);
  jobs.every('caretab.void-tokens', VOID_READ_INTERVAL_MS, async () => {
    await remote.readVoid();
    return 0;
  });
  return new TokenAuthenticator({
    clock,
    issuers: [
      {
        issuer,
        audiences: [PLATFORM],
        keys: remote.keys,
        subjectIn: (claims) => {
          const subject = subjectIn(claims);
          return subject?.roles.some(({ kind }) => kind === 'Service') ? undefined : subject;
        },
        voidBefore: (subject) => remote.voidBefore(subject),
      },
    ],
  });
};
