import { EventStoreUnavailable } from '@caretab/event-store';
import { CannotStart } from '@caretab/kernel';
import { status } from '@grpc/grpc-js';

const SETTING = 'EVENTSTORE_URL';
const STATEMENTS = '`npm run --silent caretab -- grants eventstore` prints the statements';

/** Who signs in, and where. */
const placeOf = (url: string): { readonly user: string; readonly hosts: string } => {
  const [, credentials = '', hosts = ''] = /^[^:]+:\/\/(?:([^@/]*)@)?([^/?]*)/.exec(url) ?? [];
  const user = decodeURIComponent(credentials.split(':')[0]!);
  return { user: user === '' ? 'without credentials' : `user ${user}`, hosts };
};

const sentenceOf = (cause: unknown, url: string): string | undefined => {
  const { user, hosts } = placeOf(url);
  const { code, message = '' } = (cause ?? {}) as { code?: unknown; message?: string };
  if (code === status.PERMISSION_DENIED)
    return (
      `${SETTING}: ${user} may not read $all of EventStoreDB at ${hosts}, which is for $admins until ` +
      `its metadata names others in $acl.$r: ${STATEMENTS}`
    );
  if (code === status.UNAUTHENTICATED)
    return `${SETTING}: EventStoreDB at ${hosts} does not know ${user}, or the password is wrong: ${STATEMENTS}`;
  if (code === status.UNIMPLEMENTED)
    return `${SETTING}: ${hosts} is no EventStoreDB: correct the URL`;
  if (/certificate/i.test(message))
    return (
      `${SETTING}: the certificate of EventStoreDB at ${hosts} is not trusted (${message}): ` +
      'name its authority by tlsCaFile=FILE'
    );
  return undefined;
};

/**
 * Reads the end of the log once, as every follower does. Throws CannotStart where the server refuses
 * that for good; one that is away is waited for by its callers.
 */
export const proveRights = async (
  events: { head(): Promise<bigint> },
  url: string,
): Promise<void> => {
  try {
    await events.head();
  } catch (error) {
    if (!(error instanceof EventStoreUnavailable)) throw error;
    const sentence = sentenceOf(error.cause, url);
    if (sentence !== undefined) throw new CannotStart(sentence, { cause: error });
  }
};
