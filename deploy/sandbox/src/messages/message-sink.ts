import type { IncomingMessage, ServerResponse } from 'node:http';
import { answerJson, bodyOf } from '../http-server';
import { Journal } from '../journal';

/** A message as it was handed over: by SMS to a number, or through the app to a person. */
export interface SunkMessage {
  readonly messageId: string;
  readonly to: { readonly mobile?: string; readonly personId?: string };
  readonly templateId: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly text: string;
  readonly at: string;
}

type Entry =
  | { readonly type: 'taken'; readonly message: SunkMessage }
  | { readonly type: 'bound'; readonly personId: string };

export interface MessageSink {
  /** Answers a request under `/messages/`. */
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
  /** Everything that was taken, oldest first; nothing is deduplicated. */
  messages(): readonly SunkMessage[];
  stop(): Promise<void>;
}

/**
 * An SMS provider and the push service of an app. `POST /messages/sms` takes a message to a number:
 * one ending in 9990 is out of use (404), in 9991 the provider is full (503), in 9992 the line
 * breaks after the message was taken. `POST /messages/app` takes one to a person who bound the app
 * (`POST /messages/app/bindings` `{personId}`); others get 404.
 */
export const openMessageSink = async (options: {
  readonly journalFile?: string;
  readonly now?: () => Date;
}): Promise<MessageSink> => {
  const now = options.now ?? (() => new Date());
  const journal = await Journal.open<Entry>(options.journalFile);
  const entries: Entry[] = [...journal.earlier];
  const keep = async (entry: Entry): Promise<void> => {
    entries.push(entry);
    journal.append(entry);
    await journal.synced();
  };
  const isBound = (personId: string | undefined): boolean =>
    entries.some((entry) => entry.type === 'bound' && entry.personId === personId);

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const text = await bodyOf(request);
    const path = request.url ?? '/';
    if (request.method !== 'POST' || text === undefined)
      return answerJson(response, 404, { code: 'ROUTE_UNKNOWN' });
    const message = JSON.parse(text) as Omit<SunkMessage, 'at'> & { readonly personId: string };
    if (path === '/messages/app/bindings') {
      await keep({ type: 'bound', personId: message.personId });
      return void response.writeHead(204).end();
    }
    const { mobile = '', personId } = message.to;
    if (path === '/messages/app' ? !isBound(personId) : mobile.endsWith('9990'))
      return answerJson(response, 404, { code: 'RECIPIENT_UNKNOWN' });
    if (mobile.endsWith('9991')) return answerJson(response, 503, { code: 'FULL' });
    await keep({ type: 'taken', message: { ...message, at: now().toISOString() } });
    if (mobile.endsWith('9992')) response.destroy();
    else response.writeHead(202).end();
  };
  return {
    handle,
    messages: () => entries.flatMap((entry) => (entry.type === 'taken' ? [entry.message] : [])),
    stop: () => journal.close(),
  };
};
