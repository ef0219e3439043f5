import { type Problem, STATUS_OF_KIND } from '@caretab/contracts';
import { DomainError } from '@caretab/kernel';
import type { Answer } from './state';

/** As the platform writes problems, so that a hospital's system reads one form alone. */
export const refusalOf = ({ code, kind, details }: DomainError): Answer => {
  const { retryAfterSeconds, ...said } = details as {
    readonly retryAfterSeconds?: number;
    readonly field?: string;
  };
  const status = STATUS_OF_KIND[kind];
  const problem: Omit<Problem, 'type'> & { readonly from: 'front-node' } = {
    ...{ title: code, status, code, from: 'front-node' },
    details: [{ field: '', ...said }],
    ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
  };
  return { status, body: problem };
};

/** The platform cannot be asked, and nothing was done. */
export const platformAway = (remedy: string): DomainError =>
  new DomainError('PLATFORM_UNAVAILABLE', 'unavailable', {
    why: 'the platform does not answer the front node',
    remedy,
  });

/** Nothing was kept: there is no room, or the disk takes nothing. */
export const full = (why: string): DomainError =>
  new DomainError('FRONT_NODE_FULL', 'unavailable', {
    why,
    remedy:
      'keep the message and send it again; charge at the counter meanwhile; see GET ' +
      '/front-node/status, discard what was refused, or give the node more room',
    retryAfterSeconds: 30,
  });

/** A part of a path as it was meant. Throws REQUEST_INVALID (invalid). */
export const partOf = (part: string): string => {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new DomainError('REQUEST_INVALID', 'invalid', {
      field: '/',
      why: 'a % in the path is not followed by two hexadecimal digits of UTF-8',
      remedy: 'encode the path',
    });
  }
};

/** The code of the platform's own problem; undefined where something else answers under its address. */
export const problemCodeOf = ({ body }: Answer): string | undefined => {
  const code = (body as { readonly code?: unknown } | null)?.code;
  return typeof code === 'string' && /^[A-Z][A-Z0-9_]{1,60}$/.test(code) ? code : undefined;
};
