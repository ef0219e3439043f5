import { type Answer, codeOf } from '@caretab/hospital';
import type { Api } from './api';

/** A person of an insurer, signed in with a second factor: what they ask, and are answered. */
export interface InsurerPerson {
  (method: string, path: string, body?: unknown, approval?: string): Promise<Answer>;
  /** What `caretab` is given as OPERATOR_KEY. */
  readonly credential: string;
}

/** Two of an insurer's staff. */
export const insurerStaff = async (
  api: Api,
  payer: string,
): Promise<[InsurerPerson, InsurerPerson]> => {
  const person = async (number: number): Promise<InsurerPerson> => {
    const subjectId = `insurer-${number}-${payer}`;
    const subject = `/identity/subjects/${subjectId}`;
    await api.doneByTwo('PUT', subject, { roles: [{ kind: 'Insurer', payer }] });
    const { password, totpUri } = await api.doneByTwo('POST', `${subject}/sign-in`);
    const signIn = { grant_type: 'password', username: subjectId, password, otp: codeOf(totpUri) };
    const { body: token } = await api.askAs({}, 'POST', '/identity/token', signIn);
    const authorization = `Bearer ${token.access_token}`;
    const ask = (method: string, path: string, body?: unknown, approval?: string) =>
      api.askAs({ authorization, ...(approval && { approval }) }, method, path, body);
    return Object.assign(ask, { credential: token.access_token as string });
  };
  return [await person(1), await person(2)];
};
