import { codeOf } from '@caretab/hospital';
import type { Api } from './api';

/** Two of a hospital's desk, each signed in with a second factor; their header fields. */
export const deskOf = async (
  api: Api,
  institutionId: string,
): Promise<readonly { readonly authorization: string }[]> => {
  const people: { readonly authorization: string }[] = [];
  for (const number of [1, 2]) {
    const subjectId = `desk-${number}-${institutionId.toLowerCase()}`;
    const path = `/identity/subjects/${subjectId}`;
    await api.doneByTwo('PUT', path, { roles: [{ kind: 'Desk', institution: institutionId }] });
    const { password, totpUri } = await api.doneByTwo('POST', `${path}/sign-in`);
    const signIn = { grant_type: 'password', username: subjectId, password, otp: codeOf(totpUri) };
    const { body } = await api.askAs({}, 'POST', '/identity/token', signIn);
    people.push({ authorization: `Bearer ${body.access_token}` });
  }
  return people;
};
