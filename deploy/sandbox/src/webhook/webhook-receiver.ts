import type { IncomingMessage, ServerResponse } from 'node:http';
import { answerJson, bodyOf, listen, type RunningServer } from '../http-server';
import { Journal } from '../journal';
import type { MessageSink } from '../messages/message-sink';
import type { BankSandbox } from '../registries/bank';
import type { CreditPlatformSandbox } from '../registries/credit-platform';
import type { IssuersSandbox } from '../registries/issuers';
import type { PublicDataSandbox } from '../registries/public-data';
import type { CentreSandbox } from '../centre/centre';
import type { SettlementBankSandbox } from '../settlement-bank/settlement-bank';
import type { SharedDataSandbox } from '../registries/shared-data';
import { isWebhookSigned } from './webhook-signature';

export interface ReceivedWebhook {
  readonly path: string;
  readonly noticeId: string;
  readonly body: unknown;
  readonly at: string;
}

export interface WebhookReceiver extends RunningServer {
  /** Everything that was accepted, oldest first, repetitions included. */
  received(): readonly ReceivedWebhook[];
}

export interface WebhookReceiverOptions {
  readonly port: number;
  readonly host: string;
  readonly journalFile?: string;
  /** The secret that signs what comes to a path; undefined answers 404. */
  secretOf(path: string): string | undefined;
  readonly now?: () => Date;
  /** Answers what comes under `/messages/`, on the same port. */
  readonly messages?: MessageSink;
  /** Answers what comes under `/public-data/`. */
  readonly publicData?: PublicDataSandbox | undefined;
  /** Answers what comes under `/shared-data/`. */
  readonly sharedData?: SharedDataSandbox | undefined;
  readonly centre?: CentreSandbox | undefined;
  /** Answers what comes under `/credit-platform/`. */
  readonly creditPlatform?: CreditPlatformSandbox | undefined;
  /** Answers what comes under `/bank/`. */
  readonly bank?: BankSandbox | undefined;
  /** Answers what comes under `/settlement-bank/`. */
  readonly settlementBank?: SettlementBankSandbox | undefined;
  /** Answers what comes under `/issuers/`. */
  readonly issuers?: IssuersSandbox | undefined;
}

type Entry =
  | { readonly type: 'accepted'; readonly webhook: ReceivedWebhook }
  | { readonly type: 'failed'; readonly path: string; readonly noticeId: string };

/** How often a path fails each notice before it takes it: `…/fail-2` twice, `…/down` always. */
const failuresOf = (path: string): number =>
  path.endsWith('/down')
    ? Number.POSITIVE_INFINITY
    : Number(/\/fail-(\d{1,2})$/.exec(path)?.[1] ?? 0);

/**
 * A hospital's receiving end in small: takes `POST` with `caretab-signature` and
 * `caretab-notice-id`, answers 204, and remembers. A wrong signature is answered 401. `…/fail-<n>`
 * fails the first n deliveries of each notice with 503, `…/down` every one; `…/cut` takes the
 * notice but breaks the line.
 */
export const startWebhookReceiver = async (
  options: WebhookReceiverOptions,
): Promise<WebhookReceiver> => {
  const now = options.now ?? (() => new Date());
  const journal = await Journal.open<Entry>(options.journalFile);
  const entries: Entry[] = [...journal.earlier];
  const keep = (entry: Entry): void => {
    entries.push(entry);
    journal.append(entry);
  };
  const failed = (path: string, noticeId: string): number =>
    entries.filter(
      (entry) => entry.type === 'failed' && entry.path === path && entry.noticeId === noticeId,
    ).length;

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = request.url ?? '/';
    if (options.messages && path.startsWith('/messages/'))
      return options.messages.handle(request, response);
    if (options.publicData && path.startsWith('/public-data/'))
      return options.publicData.handle(request, response);
    if (options.sharedData && path.startsWith('/shared-data/'))
      return options.sharedData.handle(request, response);
    if (options.centre && path.startsWith('/centre/'))
      return options.centre.handle(request, response);
    if (options.creditPlatform && path.startsWith('/credit-platform/'))
      return options.creditPlatform.handle(request, response);
    if (options.bank && path.startsWith('/bank/')) return options.bank.handle(request, response);
    if (options.settlementBank && path.startsWith('/settlement-bank/'))
      return options.settlementBank.handle(request, response);
    if (options.issuers && path.startsWith('/issuers/'))
      return options.issuers.handle(request, response);
    const body = await bodyOf(request);
    const secret = options.secretOf(path);
    if (request.method !== 'POST' || !secret || body === undefined)
      return answerJson(response, 404, { code: 'ROUTE_UNKNOWN' });
    const signature = request.headers['caretab-signature'] as string | undefined;
    const noticeId = String(request.headers['caretab-notice-id'] ?? '');
    if (!isWebhookSigned(secret, now().getTime(), signature, body))
      return answerJson(response, 401, { code: 'SIGNATURE_WRONG' });
    if (failed(path, noticeId) < failuresOf(path)) {
      if (!path.endsWith('/down')) keep({ type: 'failed', path, noticeId });
      return answerJson(response, 503, { code: 'UNAVAILABLE' });
    }
    keep({
      type: 'accepted',
      webhook: { path, noticeId, body: JSON.parse(body), at: now().toISOString() },
    });
    await journal.synced();
    if (path.endsWith('/cut')) response.destroy();
    else response.writeHead(204).end();
  };

  const server = await listen((request, response) => {
    handle(request, response).catch(() => response.destroy());
  }, options);
  return {
    url: server.url,
    received: () => entries.flatMap((entry) => (entry.type === 'accepted' ? [entry.webhook] : [])),
    stop: async () => {
      await server.stop();
      await journal.close();
    },
  };
};
