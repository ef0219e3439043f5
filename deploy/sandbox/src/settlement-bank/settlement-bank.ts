import { createHmac } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { isSigned } from '../acquirer/request-signature';
import { answerJson, bodyOf } from '../http-server';
import { Journal } from '../journal';
import { type AccountBehaviour, type BookEntry, SettlementBankBook } from './bank-book';

export interface SettlementBankSandbox {
  readonly book: SettlementBankBook;
  /** Answers a request under `/settlement-bank/`. */
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
  stop(): Promise<void>;
}

interface Given {
  readonly behaviour?: AccountBehaviour;
  readonly behaviours?: readonly string[];
  readonly account?: string;
  readonly amountFen?: number;
  readonly remittance?: string;
}

const PREFIX = '/settlement-bank';
const DELAY_MS_MAX = 60_000;

interface Desk {
  readonly book: SettlementBankBook;
  readonly behaviours: string[];
}

/** What tests do at the bank's desk; false: it is nothing of that. */
const byHand = (
  { book, behaviours }: Desk,
  [resource, id]: readonly (string | undefined)[],
  body: string,
): boolean => {
  const given = (body ? JSON.parse(body) : {}) as Given;
  if (resource === 'accounts' && id) book.behave(id, given.behaviour ?? 'ok');
  else if (resource === 'next-files') behaviours.push(...(given.behaviours ?? []));
  else if (resource === 'remittances')
    book.remit(given.account ?? '', given.amountFen ?? 0, given.remittance ?? '');
  else if (resource === 'days') book.endDay();
  else return false;
  return true;
};

/** An answer that the bank signs over the moment of its request. */
const answersBy =
  (secret: string) =>
  (
    request: IncomingMessage,
    response: ServerResponse,
    { status = 200, body, key = secret }: { status?: number; body: unknown; key?: string },
  ): void => {
    const text = JSON.stringify(body);
    const timestamp = String(request.headers['caretab-timestamp']);
    const signature = createHmac('sha256', key).update(`${timestamp}.${status}.${text}`);
    response
      .writeHead(status, {
        'content-type': 'application/json',
        'caretab-signature': signature.digest('hex'),
      })
      .end(text);
  };

/**
 * A bank that keeps the settlement account, in small: `PUT …/files/<message id>` takes a pain.001, `GET`
 * says whether it has it; `GET …/reports?after=` and `GET …/reports/<id>` are its mailbox. For tests,
 * without signature: `PUT …/accounts/<account>` `{behaviour}`; `PUT …/next-files` `{behaviours}`, each
 * for one request about a file: `ok` · `lost` (taken, the answer is not) · `dropped` (nothing) ·
 * `late-<ms>` · `forged` · `error`; `POST …/remittances` `{account, amountFen, remittance}`;
 * `POST …/days` states the day.
 */
export const openSettlementBank = async (options: {
  readonly secret: string;
  readonly journalFile?: string;
  readonly now?: () => Date;
}): Promise<SettlementBankSandbox> => {
  const { secret, now = () => new Date() } = options;
  const journal = await Journal.open<BookEntry>(options.journalFile);
  const book = new SettlementBankBook(now, journal.earlier, (entry) => journal.append(entry));
  const behaviours: string[] = [];
  const answer = answersBy(secret);

  const ofFile = async (
    request: IncomingMessage,
    response: ServerResponse,
    { messageId, content }: { readonly messageId: string; readonly content: string },
  ): Promise<void> => {
    const behaviour = behaviours.shift() ?? 'ok';
    const delayMs = Number(/^late-(\d{1,5})$/.exec(behaviour)?.[1] ?? 0);
    await sleep(Math.min(delayMs, DELAY_MS_MAX));
    if (behaviour === 'error') return answerJson(response, 500, { code: 'INTERNAL' });
    if (behaviour === 'dropped') return void response.destroy();
    if (request.method === 'GET') {
      const status = book.has(messageId) ? 'taken' : 'unknown';
      return answer(request, response, { body: { messageId, status } });
    }
    const isTaken = book.take(messageId, content);
    await journal.synced();
    if (behaviour === 'lost') return void response.destroy();
    const status = isTaken ? 'taken' : 'refused';
    const body = { messageId, status, ...(!isTaken && { reason: 'FF01' }) };
    return answer(request, response, {
      body,
      ...(behaviour === 'forged' && { key: 'another key, of no bank' }),
    });
  };

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await bodyOf(request);
    if (body === undefined) return answerJson(response, 413, { code: 'REQUEST_TOO_LARGE' });
    const path = (request.url ?? '/').slice(PREFIX.length);
    const url = new URL(path, 'http://bank');
    const [, resource, id] = url.pathname.split('/');
    const isByHand = request.method !== 'GET' && resource !== 'files';
    if (isByHand && byHand({ book, behaviours }, [resource, id], body)) {
      await journal.synced();
      return void response.writeHead(204).end();
    }
    const headers = {
      timestamp: request.headers['caretab-timestamp'] as string | undefined,
      signature: request.headers['caretab-signature'] as string | undefined,
    };
    const asked = { method: request.method ?? 'GET', path, body };
    if (!isSigned(secret, now().getTime(), asked, headers))
      return answerJson(response, 401, { code: 'SIGNATURE_WRONG' });
    if (resource === 'files' && id)
      return ofFile(request, response, { messageId: id, content: body });
    if (resource !== 'reports') return answerJson(response, 404, { code: 'ROUTE_UNKNOWN' });
    if (id === undefined) {
      const after = url.searchParams.get('after') ?? undefined;
      const reports = book
        .reports(after)
        .map(({ reportId, kind, sha256 }) => ({ reportId, kind, sha256 }));
      return answer(request, response, { body: { reports } });
    }
    const content = book.content(id);
    if (content === undefined) return answerJson(response, 404, { code: 'REPORT_UNKNOWN' });
    response.writeHead(200, { 'content-type': 'application/xml' }).end(content);
  };
  return { book, handle, stop: () => journal.close() };
};
