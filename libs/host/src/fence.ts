import type { IncomingMessage, RequestListener } from 'node:http';
import { isIP } from 'node:net';
import { DomainError } from '@caretab/kernel';
import helmet from 'helmet';
import { SCRIPT_SOURCE } from './docs-page';
import type { ProblemFilter } from './problem.filter';

export interface FenceParts {
  /** Names with a dot that this service goes by, in small letters, without a port. */
  readonly hosts: readonly string[];
  readonly problems: Pick<ProblemFilter, 'answerAtOnce'>;
}

/** Path and query, whichever form the request line has (RFC 9112, 3.2). */
interface Target {
  readonly path: string;
  /** Of the absolute form, which counts more than the Host header. */
  readonly host?: string;
}

const targetOf = (url: string): Target => {
  if (url.startsWith('/')) return { path: url };
  if (/^https?:\/\//i.test(url) && URL.canParse(url)) {
    const { pathname, search, host } = new URL(url);
    return { path: pathname + search, host };
  }
  throw new DomainError('REQUEST_UNREADABLE', 'invalid', {
    field: 'request line',
    why: 'names neither a path nor a URL of http or https',
  });
};

const nameOf = (host: string): string =>
  host
    .toLowerCase()
    .replace(/:\d*$/, '')
    .replace(/^\[(.*)\]$/, '$1');

/**
 * A page of another site reaches this service under a name of its own, which it lets point here
 * (DNS rebinding). An address is no name, and a name without a dot cannot be had in public.
 */
const checkHost = (host: string, { hosts }: FenceParts): void => {
  const name = nameOf(host);
  if (isIP(name) || !name.includes('.') || name.endsWith('.localhost') || hosts.includes(name))
    return;
  throw new DomainError('HOST_FORBIDDEN', 'forbidden', {
    field: 'Host',
    remedy: 'use the address that was given to you, or add the name to HTTP_ALLOWED_HOSTS',
  });
};

/** A click on a link opens a page, and its answer is seen by the one who clicked alone. */
const opensPage = ({ method, headers }: IncomingMessage): boolean =>
  method === 'GET' &&
  headers['sec-fetch-mode'] === 'navigate' &&
  headers['sec-fetch-dest'] === 'document';

const isForeign = (request: IncomingMessage, host: string): boolean => {
  const { origin, 'sec-fetch-site': site } = request.headers;
  if (origin !== undefined && origin.replace(/^https?:\/\//, '').toLowerCase() !== host)
    return true;
  return site !== undefined && site !== 'same-origin' && site !== 'none' && !opensPage(request);
};

const checkOrigin = (request: IncomingMessage, host: string): void => {
  if (!isForeign(request, host.toLowerCase())) return;
  throw new DomainError('ORIGIN_FORBIDDEN', 'forbidden', {
    field: 'Origin',
    why: 'a page of another web site sent the request',
  });
};

const JSON_TYPE = /^application\/(?:[\w.-]+\+)?json\s*(?:;|$)/i;
const READS = new Set(['GET', 'HEAD', 'OPTIONS']);

const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;

/** OAuth 2.0 asks for forms there. They carry their own proof: the browser adds nothing to them. */
const TAKES_FORMS = /^\/identity\/token(\/revoke)?$/;
const FORM = /^application\/x-www-form-urlencoded\s*(?:;|$)/i;

/** A form can be sent from any page without asking first; JSON cannot. */
const checkContentType = (request: IncomingMessage): void => {
  const type = request.headers['content-type'];
  if (TAKES_FORMS.test(request.url ?? '') && FORM.test(type ?? '')) return;
  if (READS.has(request.method ?? '') || (type === undefined && !hasBody(request))) return;
  if (type !== undefined && JSON_TYPE.test(type)) return;
  throw new DomainError('CONTENT_TYPE_NOT_JSON', 'unsupported', {
    field: 'Content-Type',
    remedy: 'send application/json',
  });
};

/** Answers hold data. Only the page of the API has anything to run or to show. */
const headersOfData = helmet({
  contentSecurityPolicy: {
    useDefaults: false,
    directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
  },
  xFrameOptions: { action: 'deny' },
});
const headersOfPages = helmet({
  contentSecurityPolicy: {
    directives: {
      scriptSrc: ["'self'", SCRIPT_SOURCE],
      // Over plain HTTP on a loopback address there is nothing to upgrade to.
      upgradeInsecureRequests: null,
      frameAncestors: ["'none'"],
    },
  },
  xFrameOptions: { action: 'deny' },
});

/**
 * What stands before everything else that listens: the request line has one form, the Host is a name
 * of ours, no page of another site sent the request, and a body is JSON. So a browser can be used to
 * reach the platform by its own pages alone. Every answer has helmet's headers.
 */
export const fenced =
  (parts: FenceParts) =>
  (inside: RequestListener): RequestListener =>
  (request, response) => {
    try {
      const target = targetOf(request.url ?? '/');
      request.url = target.path;
      const host = target.host ?? request.headers.host;
      const headers = target.path.startsWith('/docs') ? headersOfPages : headersOfData;
      headers(request, response, () => undefined);
      // What is answered is about persons and money: no proxy and no browser keeps it.
      response.setHeader('Cache-Control', 'no-store');
      if (host !== undefined) checkHost(host, parts);
      checkOrigin(request, host ?? '');
      checkContentType(request);
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      return parts.problems.answerAtOnce(error, response);
    }
    inside(request, response);
  };
