import type { Platform } from '@caretab/deploy';
import { type Api, eventually } from '@caretab/hospital';
import fc from 'fast-check';

/** A credential, and which requests it may not make. */
export interface WrongCredential {
  readonly authorization: string;
  readonly mayNot: (request: { readonly method: string; readonly path: string }) => boolean;
}

const [OWN, ANOTHER] = ['HZ002', 'HZ001'];
const VISITS = '/v1/visits/';
const ENDED_TIMEOUT_MS = 20_000;

type Key = { readonly apiKey: string; readonly keyId: string };

const bearer = (token: string): string => `Bearer ${token}`;

/** A key that was used and then ended, and a token that was got with it while it was good. */
const endedKey = async (
  api: Api,
  { url, operatorKey }: Pick<Platform, 'url' | 'operatorKey'>,
): Promise<readonly string[]> => {
  const keys = `/identity/institutions/${OWN}/keys`;
  const { apiKey, keyId } = await api.postByTwo<Key>(keys, {});
  const { access_token } = await api.post<{ readonly access_token: string }>('/identity/token', {
    ...{ grant_type: 'client_credentials', client_secret: apiKey },
  });
  const all = [apiKey, access_token].map(bearer);
  const statuses = (): Promise<number[]> =>
    Promise.all(
      all.map(async (authorization) => {
        const headers = { authorization };
        return (await fetch(`${url}/v1/submissions`, { headers })).status;
      }),
    );
  const before = await statuses();
  if (before.some((status) => status !== 200))
    throw new Error(`a new key answers ${before.join()}`);
  const headers = { authorization: bearer(operatorKey) };
  await fetch(`${url}${keys}/${keyId}`, { method: 'DELETE', headers });
  await eventually(async () => {
    const now = await statuses();
    if (now.some((status) => status !== 401)) throw new Error(`an ended key answers ${now.join()}`);
  }, ENDED_TIMEOUT_MS);
  return all;
};

/** Keys of hospitals that are ended, narrower, or another’s than the visit’s. */
export const wrongKeys = async (
  api: Api,
  platform: Pick<Platform, 'url' | 'operatorKey' | 'keyOf'>,
): Promise<fc.Arbitrary<WrongCredential>> => {
  const ended = await endedKey(api, platform);
  const reading = await api.postByTwo<Key>(`/identity/institutions/${OWN}/keys`, {
    scopes: ['read'],
  });
  return fc.constantFrom<WrongCredential>(
    ...ended.map((authorization) => ({ authorization, mayNot: () => true })),
    { authorization: bearer(reading.apiKey), mayNot: ({ method }) => method !== 'GET' },
    {
      authorization: bearer(platform.keyOf(ANOTHER)),
      mayNot: ({ path }) => path.startsWith(`${VISITS}${OWN}-`),
    },
  );
};

/** The visit of a path by its whole id, so that another hospital’s key means the same one. */
export const withWholeId = (path: string): string =>
  path.startsWith(VISITS) && !path.startsWith(`${VISITS}${OWN}-`)
    ? `${VISITS}${OWN}-${path.slice(VISITS.length)}`
    : path;
