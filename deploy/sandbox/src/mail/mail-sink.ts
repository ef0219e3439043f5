import type { AddressInfo } from 'node:net';
import { SMTPServer, type SMTPServerDataStream, type SMTPServerSession } from 'smtp-server';
import { Journal } from '../journal';

/** A message as it was handed over: envelope and the source text with its headers. */
export interface SunkMail {
  readonly from: string;
  readonly to: readonly string[];
  readonly source: string;
  readonly at: string;
}

export interface MailSink {
  readonly url: string;
  /**
   * Everything that was delivered, oldest first; nothing is deduplicated, so that a second delivery
   * shows.
   */
  messages(): readonly SunkMail[];
  stop(): Promise<void>;
}

export interface MailSinkOptions {
  readonly port: number;
  readonly host: string;
  readonly journalFile?: string;
  readonly now?: () => Date;
}

const MAIL_BYTES_MAX = 1_000_000;

const sourceOf = async (stream: SMTPServerDataStream): Promise<string> => {
  const parts: Buffer[] = [];
  for await (const part of stream as unknown as AsyncIterable<Buffer>) parts.push(part);
  return Buffer.concat(parts).toString('utf8');
};

const smtpError = (responseCode: number, text: string): Error =>
  Object.assign(new Error(text), { responseCode });

/**
 * A mail server that delivers to a file. An address `…+reject@…` is refused (550), `…+busy@…` is
 * put off (451), and a message to `…+cut@…` is kept but the line breaks before the answer, so that
 * the sender cannot know.
 */
export const startMailSink = async (options: MailSinkOptions): Promise<MailSink> => {
  const now = options.now ?? (() => new Date());
  const journal = await Journal.open<SunkMail>(options.journalFile);
  const mails: SunkMail[] = [...journal.earlier];

  const take = async (
    stream: SMTPServerDataStream,
    session: SMTPServerSession,
  ): Promise<{ readonly cut: boolean }> => {
    const { mailFrom, rcptTo } = session.envelope;
    const to = rcptTo.map(({ address }) => address);
    const mail = {
      from: mailFrom ? mailFrom.address : '',
      to,
      source: await sourceOf(stream),
      at: now().toISOString(),
    };
    mails.push(mail);
    journal.append(mail);
    await journal.synced();
    return { cut: to.some((address) => address.includes('+cut@')) };
  };

  const sockets = new Map<string, { destroy(): void }>();
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    size: MAIL_BYTES_MAX,
    logger: false,
    onRcptTo: ({ address }, _session, done) =>
      done(
        address.includes('+reject@')
          ? smtpError(550, 'No such mailbox')
          : address.includes('+busy@')
            ? smtpError(451, 'Try again later')
            : null,
      ),
    onData: (stream, session, done) => {
      take(stream, session).then(
        ({ cut }) =>
          cut
            ? sockets.get(`${session.remoteAddress}:${session.remotePort}`)?.destroy()
            : done(null),
        () => done(smtpError(451, 'Not kept')),
      );
    },
  });
  server.server.on('connection', (socket) => {
    const name = `${socket.remoteAddress}:${socket.remotePort}`;
    sockets.set(name, socket);
    socket.on('close', () => sockets.delete(name));
  });
  // A client that goes away in the middle of a conversation is its own business.
  server.on('error', () => undefined);
  await new Promise<void>((resolve, reject) => {
    server.server.once('error', reject);
    server.listen(options.port, options.host, resolve);
  });
  return {
    url: `smtp://${options.host}:${(server.server.address() as AddressInfo).port}`,
    messages: () => [...mails],
    stop: async () => {
      await new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets.values()) socket.destroy();
      await journal.close();
    },
  };
};
