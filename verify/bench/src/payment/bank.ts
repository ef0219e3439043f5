import { createServer, type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { DAY, DUE_FEN } from './rows';

const HOST = '127.0.0.1';
/** How long the bank takes for an order, as real ones do. */
export const BANK_MS = 50;
/** Rows of one page of its statement. */
const PAGE_ROWS = 5000;

interface Entry {
  readonly kind: 'capture' | 'refund';
  readonly orderId: string;
  readonly refundId?: string;
  readonly amountFen: number;
  readonly reference: string;
  readonly at: string;
}

/** The bank of the bench: answers each order after BANK_MS, and has a statement of one day. */
export interface Bank {
  readonly url: string;
  /** How often each order came. */
  readonly orders: ReadonlyMap<string, number>;
  statement: readonly Entry[];
  stop(): Promise<void>;
}

export const startBank = async (port: number): Promise<Bank> => {
  const orders = new Map<string, number>();
  const bank = { orders, statement: [] as readonly Entry[] };
  const answer = (response: ServerResponse, body: unknown): void =>
    void response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  const captured = (orderId: string, amountFen: number): unknown => ({
    ...{ orderId, amountFen, currency: 'CNY', status: 'captured' },
    ...{ reference: `bank-${orderId}`, capturedAt: new Date().toISOString() },
  });
  const pay = async (text: string, response: ServerResponse): Promise<void> => {
    const { orderId, amountFen } = JSON.parse(text) as { orderId: string; amountFen: number };
    orders.set(orderId, (orders.get(orderId) ?? 0) + 1);
    await sleep(BANK_MS);
    answer(response, captured(orderId, amountFen));
  };
  /** On a slow machine a request may have run into its timeout: then the order is asked for. */
  const find = (orderId: string, response: ServerResponse): void =>
    orders.has(orderId)
      ? answer(response, captured(orderId, DUE_FEN))
      : void response.writeHead(404).end(JSON.stringify({ code: 'ORDER_UNKNOWN' }));
  const page = (url: URL, response: ServerResponse): void => {
    const isTheDay = url.searchParams.get('date') === DAY;
    const from = Number(url.searchParams.get('after') ?? '0');
    const rows = isTheDay ? bank.statement : [];
    const until = from + PAGE_ROWS;
    const next = until < rows.length ? { next: String(until) } : {};
    answer(response, { entries: rows.slice(from, until), ...next });
  };
  const server = createServer((request, response) => {
    let text = '';
    request.setEncoding('utf8').on('data', (part: string) => (text += part));
    request.on('end', () => {
      const url = new URL(request.url ?? '/', `http://${HOST}`);
      if (url.pathname === '/statement') page(url, response);
      else if (request.method === 'GET') find(url.pathname.split('/').at(-1)!, response);
      else void pay(text, response);
    });
  });
  await new Promise<void>((listening, reject) =>
    server.once('error', reject).listen(port, HOST, listening),
  );
  return Object.assign(bank, {
    url: `http://${HOST}:${port}`,
    stop: () =>
      new Promise<void>((closed) => (server.close(() => closed()), server.closeAllConnections())),
  });
};

/** A statement of these movements: all of ours. */
export const statementOf = (
  rows: readonly {
    readonly kind: Entry['kind'];
    readonly id: string;
    readonly orderId: string;
    readonly fen: number;
  }[],
): Entry[] =>
  rows.map(({ kind, id, orderId, fen }) => ({
    ...{ kind, orderId, amountFen: fen, reference: `bank-${id}`, at: `${DAY}T09:00:00.000Z` },
    ...(kind === 'refund' && { refundId: id }),
  }));
