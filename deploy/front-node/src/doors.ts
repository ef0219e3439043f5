import { createHmac } from 'node:crypto';
import { edgeRoutes, type Route } from '@caretab/contracts';
import { DomainError } from '@caretab/kernel';
import { staticCode } from '@caretab/security';
import type { Codes, Shown } from './codes';
import type { Messages } from './messages';
import type { PlatformClient } from './platform';
import { partOf, platformAway } from './refusal';
import type { Answer, Message, State } from './state';
import { metricsOf, type Status } from './status';

export interface Request {
  readonly method: string;
  /** With its query. */
  readonly url: string;
  readonly body: unknown;
  readonly headers: Readonly<Record<string, string | undefined>>;
}

export interface DoorsParts {
  readonly messages: Messages;
  readonly codes: Codes;
  readonly state: State;
  readonly platform: PlatformClient;
  readonly status: () => Status;
  readonly institutionId: string;
  /** From which the numbers of codes derive that are applied for: the same request has the same. */
  readonly numberKey: Buffer;
}

const PAGE = 100;
const ROUTES: readonly Route[] = Object.values(edgeRoutes);
const patternOf = ({ path }: Route): RegExp =>
  new RegExp(`^${path.replace(/\{[A-Za-z]+\}/g, '[^/]+')}$`);
const isSubmission = ({ headers }: Route): boolean =>
  headers !== undefined && 'idempotency-key' in headers.properties;
const matching = (method: string, path: string): Route | undefined =>
  ROUTES.find((route) => route.method === method && patternOf(route).test(path));

/** What a hospital's systems may ask of a node: the edge's own routes, and those of the node itself. */
export class Doors {
  constructor(private readonly parts: DoorsParts) {}

  async answer(request: Request): Promise<Answer & { readonly isText?: true }> {
    const { method, url, body, headers } = request;
    const { pathname: path, search, searchParams: query } = urlOf(url);
    const own = path.startsWith('/front-node/') ? path.slice('/front-node/'.length) : undefined;
    if (own !== undefined) return this.own(method, own, request, query);
    const route = matching(method, path);
    if (!route) throw unknownRoute();
    if (isSubmission(route)) {
      const key = headers['idempotency-key'];
      return this.parts.messages.take({ path, key, prefer: headers['prefer'], body });
    }
    if (route === edgeRoutes.resolvePerson) return this.resolve(shownIn(body));
    // Never as it came: an address of another machine would get the institution's key.
    return this.passOn(method, `${path}${search}`, body);
  }

  private async own(
    method: string,
    path: string,
    { body, headers }: Request,
    query: URLSearchParams,
  ): Promise<Answer & { readonly isText?: true }> {
    const { status, state, messages, codes } = this.parts;
    const [first, key, act] = path.split('/');
    if (method === 'GET' && path === 'status') return { status: 200, body: status() };
    if (method === 'GET' && path === 'metrics')
      return { status: 200, body: metricsOf(status()), isText: true };
    if (method === 'POST' && path === 'codes/read') return codes.read(shownIn(body));
    if (method === 'POST' && path === 'codes') return this.apply(body, headers['idempotency-key']);
    if (method === 'GET' && path === 'codes/used-elsewhere')
      return { status: 200, body: { reads: codes.usedElsewhere.slice(-PAGE).map(readShown) } };
    if (method === 'GET' && path === 'messages') return { status: 200, body: this.list(query) };
    if (first !== 'messages' || key === undefined) throw unknownRoute();
    const message = state.messages.get(partOf(key));
    if (!message)
      throw new DomainError('MESSAGE_UNKNOWN', 'not-found', {
        why: 'no message with this key was taken within a week',
        remedy: 'send it again with its key: a message is taken once',
      });
    if (method === 'GET' && act === undefined) return { status: 200, body: messageShown(message) };
    const { why } = (body ?? {}) as { readonly why?: unknown };
    if (method !== 'POST' || act !== 'discard') throw unknownRoute();
    if (typeof why !== 'string' || why.trim().length < 3) throw invalid('/why', 'says why');
    return { status: 200, body: messageShown(await messages.discard(message.key, why)) };
  }

  private list(query: URLSearchParams): object {
    const state = query.get('state') ?? 'waiting';
    const after = query.get('after');
    const all = [...this.parts.state.messages.values()].filter((one) => one.state === state);
    const from = after === null ? 0 : all.findIndex(({ key }) => key === after) + 1;
    const page = all.slice(from, from + PAGE);
    const next = from + PAGE < all.length ? page.at(-1)!.key : undefined;
    return { messages: page.map(messageShown), ...(next !== undefined && { next }) };
  }

  /** As the platform answers; what is only read offline leads to no one yet. */
  private async resolve(shown: Shown): Promise<Answer> {
    if (!this.parts.platform.standing.isThere)
      throw platformAway('read a dynamic code with POST /front-node/codes/read, or take the card');
    const { status, body } = await this.parts.codes.read(shown);
    const { personId } = (body ?? {}) as { readonly personId?: string };
    if (status !== 200) return { status, body };
    if (personId === undefined) throw platformAway('open the visit with the same code');
    return { status, body: { personId } };
  }

  /** A code for who stands at a kiosk, by the ID card that it has read: to print or to show. */
  private async apply(body: unknown, key: string | undefined): Promise<Answer> {
    const { institutionId, numberKey, platform } = this.parts;
    const { idNumber, name } = (body ?? {}) as { readonly idNumber?: unknown; name?: unknown };
    if (typeof idNumber !== 'string') throw invalid('/idNumber', 'is a text');
    if (typeof name !== 'string') throw invalid('/name', 'is a text');
    if (key === undefined || key.length < 8) throw invalid('Idempotency-Key', 'has 8 characters');
    const said = JSON.stringify([key, idNumber]);
    const number = createHmac('sha256', numberKey).update(said).digest('hex');
    const asked = { idNumber, name, medium: 'code', number };
    const path = `/identity/institutions/${institutionId}/cards`;
    const answer = await platform.ask({ method: 'POST', path, body: asked });
    if (answer.outcome === 'away') throw platformAway('print no code now; take the ID card');
    if (answer.status >= 300) return { status: answer.status, body: answer.body };
    const { cardId, status } = answer.body as { readonly cardId: string; readonly status: string };
    return { status: answer.status, body: { code: staticCode(number), cardId, status } };
  }

  private async passOn(method: string, path: string, body: unknown): Promise<Answer> {
    if (method !== 'GET' && method !== 'POST') throw unknownRoute();
    const asked = { path, ...(method === 'POST' && { body }) };
    const answer = await this.parts.platform.ask({ method, ...asked });
    if (answer.outcome === 'away') throw platformAway('try again later');
    return { status: answer.status, body: answer.body };
  }
}

const urlOf = (url: string): URL => {
  try {
    return new URL(url, 'http://node');
  } catch {
    throw unknownRoute();
  }
};

const unknownRoute = (): DomainError =>
  new DomainError('ROUTE_UNKNOWN', 'not-found', {
    why: 'a front node has no such route',
    remedy: 'see docs/front-node.zh-en.md',
  });

const invalid = (field: string, why: string): DomainError =>
  new DomainError('REQUEST_INVALID', 'invalid', { field, why, remedy: 'correct it' });

const shownIn = (body: unknown): Shown => {
  const shown = (body ?? {}) as Partial<Shown> & { readonly presence?: unknown };
  if (typeof shown.value !== 'string') throw invalid('/value', 'is a text');
  const { type = 'qr', value, visitNumber, mobileEnd } = shown;
  for (const [field, text] of Object.entries({ type, visitNumber, mobileEnd }))
    if (text !== undefined && typeof text !== 'string') throw invalid(`/${field}`, 'is a text');
  return {
    ...{ type, value },
    ...(visitNumber !== undefined && { visitNumber }),
    ...(mobileEnd !== undefined && { mobileEnd }),
  };
};

/** Without its body: that may name a person. */
const messageShown = ({ key, visit, path, state, at, endedAt, answer }: Message) => ({
  ...{ key, visit, path, state, at },
  ...(endedAt !== undefined && { endedAt }),
  ...(answer && { status: answer.status, answer: answer.body }),
});

const readShown = ({
  id,
  visitNumber,
  readAt,
  answer,
}: ReturnType<State['reads']['get']> & {}) => ({
  ...{ id, readAt },
  ...(visitNumber !== undefined && { visitNumber }),
  ...(answer && { answer: answer.body }),
});
