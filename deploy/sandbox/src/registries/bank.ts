import { createHmac } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { answerJson, bodyOf } from '../http-server';
import { Journal } from '../journal';

export interface BankOptions {
  readonly journalFile?: string;
  /** Signs orders, answers and notices. */
  readonly secret: string;
  readonly now?: () => Date;
}

interface Done {
  readonly orderId: string;
  readonly kind: string;
  readonly visitId: string;
  readonly amountFen: number;
  readonly accountPersonId?: string;
  /** Of what a person took back. */
  readonly revoked?: readonly string[];
  readonly number?: number;
}

export interface BankSandbox {
  /** Answers a request under `/bank/`. */
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
  stop(): Promise<void>;
}

const PREFIX = '/bank/';
const DELAY_MS_MAX = 60_000;
/** More than anyone should read. */
const LONG_BYTES = 1_000_000;

/**
 * A bank that lends, in small: `POST /bank/orders` `{orderId, kind, lenderId, visitId, accountPersonId,
 * amountFen, at, signature}` does each order once and answers `{orderId, kind, visitId, amountFen,
 * outcome}` with its signature in `caretab-signature`; `POST /bank/grants` grants what is asked for;
 * `POST /bank/consents` `{…, number, revoked}` takes note of what a person took back, which `GET
 * /bank/consents/<accountPersonId>` shows by the highest number. `GET /bank/loans/<visitId>` shows what
 * stands; `POST /bank/loans/<visitId>` `{lenderId, kind, amountFen}` and `POST /bank/lines/<personId>`
 * `{lenderId, lineFen}` sign a notice for credit's doors. `PUT /bank/persons/<accountPersonId>`
 * `{behaviour}`: `ok` · `refuses` · `late-<ms>` · `silent`: it does nothing · `mute`: it does it and says
 * nothing · `error-once` · `other-amount` · `other-order` · `forged` · `endless`.
 */
export const openBank = async (options: BankOptions): Promise<BankSandbox> => {
  const { secret, now = () => new Date() } = options;
  const journal = await Journal.open<Done>(options.journalFile);
  const done = new Map(journal.earlier.map((one) => [one.orderId, one]));
  const behaviours = new Map<string, string>();
  const failed = new Set<string>();

  const sign = signerOf(secret);
  const take = async (order: Done): Promise<void> => {
    if (done.has(order.orderId)) return;
    done.set(order.orderId, order);
    journal.append(order);
    await journal.synced();
  };

  const answer = async (
    order: Done,
    { behaviour, lenderId }: { readonly behaviour: string; readonly lenderId: string },
    response: ServerResponse,
  ): Promise<void> => {
    if (behaviour === 'silent') return;
    const delayMs = Number(/^late-(\d{1,5})$/.exec(behaviour)?.[1] ?? 0);
    await sleep(Math.min(delayMs, DELAY_MS_MAX));
    if (behaviour === 'error-once' && !failed.has(order.orderId)) {
      failed.add(order.orderId);
      return answerJson(response, 500, { code: 'INTERNAL' });
    }
    const isRefused = behaviour === 'refuses' && !done.has(order.orderId);
    if (!isRefused) await take(order);
    if (behaviour === 'mute') return;
    const text = JSON.stringify({
      ...shown(order),
      ...(behaviour === 'other-amount' && { amountFen: order.amountFen + 1 }),
      ...(behaviour === 'other-order' && { orderId: 'another' }),
      ...(behaviour === 'endless' && { pad: '!'.repeat(LONG_BYTES) }),
      ...(isRefused ? { outcome: 'refused', reason: 'OVER_LIMIT' } : { outcome: 'done' }),
    });
    const signature = sign(lenderId, order.orderId, behaviour === 'forged' ? 'forged' : text);
    response.writeHead(200, {
      'content-type': 'application/json',
      'caretab-signature': signature,
    });
    response.end(text);
  };

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await bodyOf(request);
    const [resource = '', id] = (request.url ?? '/').slice(PREFIX.length).split('/');
    if (body === undefined) return answerJson(response, 413, { code: 'REQUEST_TOO_LARGE' });
    if (request.method === 'PUT' && resource === 'persons' && id) {
      behaviours.set(id, (JSON.parse(body) as { behaviour: string }).behaviour);
      return void response.writeHead(204).end();
    }
    if (request.method === 'GET' && resource === 'loans' && id) {
      const last = [...done.values()].filter(({ visitId }) => visitId === id).at(-1);
      return answerJson(response, last ? 200 : 404, last ?? { code: 'LOAN_UNKNOWN' });
    }
    if (request.method === 'GET' && resource === 'consents' && id) {
      const known = [...done.values()].filter(
        ({ kind, accountPersonId }) => kind === 'consents' && accountPersonId === id,
      );
      const last = known.sort((one, other) => one.number! - other.number!).at(-1);
      return answerJson(response, last ? 200 : 404, last ?? { code: 'PERSON_UNKNOWN' });
    }
    if (request.method === 'POST' && (resource === 'loans' || resource === 'lines') && id)
      return answerJson(response, 200, noticeOf(sign, now(), { of: resource, id, body }));
    if (request.method !== 'POST' || !ORDERS.has(resource))
      return answerJson(response, 404, { code: 'ROUTE_UNKNOWN' });
    const order = JSON.parse(body) as Record<string, string>;
    const { lenderId, accountPersonId } = order;
    const { asked, signed } = askedOf(resource, order);
    if (sign(lenderId!, ...signed) !== order['signature'])
      return answerJson(response, 401, { code: 'SIGNATURE_WRONG' });
    const behaviour = behaviours.get(accountPersonId!) ?? 'ok';
    await answer(asked, { behaviour, lenderId: lenderId! }, response);
  };
  return { handle, stop: () => journal.close() };
};

const ORDERS: ReadonlySet<string> = new Set(['orders', 'grants', 'consents']);

/** What an order asks for, and over what it is signed. */
const askedOf = (
  resource: string,
  order: Record<string, unknown>,
): { readonly asked: Done; readonly signed: readonly string[] } => {
  const { at, orderId, kind, lenderId, visitId, accountPersonId, amountFen } = order as Record<
    string,
    string
  >;
  const base = { orderId: orderId!, visitId: '', amountFen: Number(amountFen ?? 0) };
  const whose = accountPersonId!;
  const over = (...parts: readonly unknown[]) => [at, orderId, ...parts].map(String);
  if (resource === 'grants')
    return {
      asked: { ...base, kind: 'grant', accountPersonId: whose },
      signed: over('grant', lenderId, whose, amountFen),
    };
  if (resource === 'consents') {
    const revoked = order['revoked'] as readonly string[];
    const number = order['number'] as number;
    return {
      asked: { ...base, kind: 'consents', accountPersonId: whose, revoked, number },
      signed: over('consents', lenderId, whose, number, revoked.join()),
    };
  }
  return {
    asked: { ...base, kind: kind!, visitId: visitId! },
    signed: over(kind, lenderId, visitId, whose, amountFen),
  };
};

/** A grant is of no visit; what is taken back of no amount. */
const shown = ({ kind, visitId, amountFen, revoked: _, ...said }: Done): object => {
  if (kind === 'consents') return said;
  return kind === 'grant' ? { ...said, amountFen } : { ...said, amountFen, kind, visitId };
};

type Sign = (lenderId: string, ...parts: readonly string[]) => string;

/** Each bank signs by a key of its own. */
const signerOf =
  (secret: string): Sign =>
  (lenderId, ...parts) => {
    const key = createHmac('sha256', secret).update(lenderId).digest('hex');
    return createHmac('sha256', key).update(parts.join('.')).digest('hex');
  };

/** A notice of a visit's loan, or of a person's line, as the bank signs it for credit's doors. */
const noticeOf = (
  sign: Sign,
  now: Date,
  { of, id, body }: { readonly of: 'loans' | 'lines'; readonly id: string; readonly body: string },
): object => {
  const { lenderId = '', kind, amountFen, lineFen } = JSON.parse(body) as Record<string, string>;
  const at = now.toISOString();
  if (of === 'lines') {
    const signature = sign(lenderId, at, lenderId, id, 'line', String(lineFen));
    return { lenderId, personId: id, lineFen, at, signature };
  }
  const signature = sign(lenderId, at, lenderId, id, String(kind), String(amountFen));
  return { lenderId, visitId: id, kind, amountFen, at, signature };
};
