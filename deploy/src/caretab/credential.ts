import { signInRoutes } from '@caretab/contracts';
import { operatorKeyFor } from './operator-key';
import { Platform, Refused } from './platform-client';
import { forgetSignIn, keepSignIn, type KeptSignIn, keptSignIn } from './sign-in-file';

/** A token that ends sooner than this is replaced first: a request takes time. */
const LEFT_MS_MIN = 30_000;
const MS_PER_S = 1000;

const hostOf = (url: string): string => new URL(url).hostname;

/** Whose sign-in counts at an address: a token is sent to no other host than where it was had. */
export const signInFor = (url: string): KeptSignIn | undefined => {
  const kept = keptSignIn();
  return kept && hostOf(kept.url) === hostOf(url) ? kept : undefined;
};

/** Who asks an address: who signed in there, else the operators' key; undefined where neither is known. */
export const credentialFor = async (url: string): Promise<string | undefined> => {
  const kept = signInFor(url);
  if (!kept) return operatorKeyFor(url);
  const leftMs = Date.parse(kept.expiresAt) - Date.now();
  return leftMs > LEFT_MS_MIN ? kept.accessToken : (await renewed(kept)).accessToken;
};

const anonymous = (url: string): Platform => new Platform(url, async () => undefined);

const answered = async (
  { url, subjectId }: Pick<KeptSignIn, 'url' | 'subjectId'>,
  request: Readonly<Record<string, string>>,
): Promise<Omit<KeptSignIn, 'refreshToken'> & { readonly refreshToken?: string | undefined }> => {
  const platform = anonymous(url);
  const answer = await platform.ask(signInRoutes.issueToken, { body: request });
  return {
    ...{ url, subjectId, accessToken: answer.access_token, refreshToken: answer.refresh_token },
    expiresAt: new Date(Date.now() + answer.expires_in * MS_PER_S).toISOString(),
  };
};

const renewed = async (kept: KeptSignIn): Promise<KeptSignIn> => {
  const { subjectId, refreshToken } = kept;
  const request = { grant_type: 'refresh_token', refresh_token: refreshToken };
  const answer = await answered(kept, request).catch((error: unknown) => {
    if (!(error instanceof Refused) || error.code !== 'SIGN_IN_REFUSED') throw error;
    const ways = `caretab sign-in --as ${subjectId}, or caretab sign-out`;
    throw new Refused(`the sign-in of ${subjectId} has ended: ${ways}`, { cause: error });
  });
  const again = { ...answer, refreshToken };
  keepSignIn(again);
  return again;
};

/** Signs in with both factors, and keeps that for the commands that follow. */
export const signInAs = async (
  url: string,
  subjectId: string,
  { password, code }: { readonly password: string; readonly code: string },
): Promise<KeptSignIn> => {
  const request = { grant_type: 'password', username: subjectId, password, otp: code };
  const answer = await answered({ url, subjectId }, request);
  if (answer.refreshToken === undefined)
    throw new Refused('the issuer gave no session: it is another than CareTab’s own');
  const kept = { ...answer, refreshToken: answer.refreshToken };
  keepSignIn(kept);
  return kept;
};

/** Ends the session and its tokens at the issuer, then forgets it here; undefined where there is none. */
export const signOut = async (): Promise<KeptSignIn | undefined> => {
  const kept = keptSignIn();
  if (!kept) return undefined;
  const body = { token: kept.refreshToken };
  await anonymous(kept.url).ask(signInRoutes.endSession, { body });
  forgetSignIn();
  return kept;
};
