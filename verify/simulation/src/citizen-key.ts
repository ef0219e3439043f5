import type { Callers } from '@caretab/host';

type Authenticator = Parameters<Callers['add']>[0];

const PREFIX = 'Bearer citizen/';

/** What a citizen who signed in asks with. */
export const citizensHeaders = (personId: string): { readonly authorization: string } => ({
  authorization: `${PREFIX}${personId}`,
});

/** Knows citizens by it: how they sign in is not simulated. */
export const citizenKey: Authenticator = {
  subjectOf: ({ authorization = '' }) => {
    const person = authorization.startsWith(PREFIX) ? authorization.slice(PREFIX.length) : '';
    return person === ''
      ? undefined
      : { id: person, roles: [{ kind: 'Citizen', person }], hasSecondFactor: false };
  },
};
