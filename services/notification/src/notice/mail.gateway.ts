import { inSpan } from '@caretab/telemetry';
import MailComposer from 'nodemailer/lib/mail-composer';
import SMTPConnection from 'nodemailer/lib/smtp-connection';
import type { Mailer, SendOutcome } from './outlets';

/** Delivers a mail; rejects as an SMTP connection does. */
export interface MailTransport {
  sendMail(mail: {
    readonly from: string;
    readonly to: string;
    readonly subject: string;
    readonly text: string;
    readonly messageId: string;
  }): Promise<unknown>;
}

type Mail = Parameters<MailTransport['sendMail']>[0];
type Done = (error?: Error | null, result?: unknown) => void;

/** How many mails one connection takes. */
const MAILS_MAX = 100;

/** One connection to the mail server: one command at a time, until it fails or ends. */
class Line {
  mails = 0;
  /** Is called once it is over. */
  ended: () => void = () => undefined;
  private over: Error | undefined;
  private fail: ((error: Error) => void) | undefined;

  constructor(private readonly connection: SMTPConnection) {
    const end = (error: Error): void => {
      this.over ??= error;
      this.fail?.(this.over);
      this.ended();
    };
    connection.on('error', end);
    connection.on('end', () => end(new Error('the connection ended')));
  }

  get isOver(): boolean {
    return this.over !== undefined;
  }

  run(command: (connection: SMTPConnection, done: Done) => void): Promise<void> {
    return new Promise<void>((done, fail) => {
      if (this.over) return fail(this.over);
      this.fail = fail;
      command(this.connection, (error) => (error ? fail(error) : done()));
    }).finally(() => (this.fail = undefined));
  }

  close(): void {
    this.over ??= new Error('the connection was closed');
    this.connection.close();
  }
}

/**
 * Delivers mails by SMTP, over connections that are kept for the next mail. One that was kept is
 * asked first whether it is still there (RSET): a mail is only ever given to a server that has just
 * answered, and to one, so that it is sent at most once. One that waits for longer than
 * `socketTimeout` ends.
 */
export class SmtpConnections implements MailTransport {
  private readonly idle = new Set<Line>();

  constructor(
    private readonly options: SMTPConnection.Options,
    private readonly auth: { readonly user: string; readonly pass: string } | undefined,
  ) {}

  async sendMail(mail: Mail): Promise<void> {
    const message = new MailComposer(mail).compile();
    const text = await message.build();
    const line = (await this.kept()) ?? (await this.connected());
    try {
      await line.run((connection, done) => connection.send(message.getEnvelope(), text, done));
    } catch (error) {
      line.close();
      throw error;
    }
    line.mails += 1;
    this.keep(line);
  }

  /** The one that was used last. Where the server does not answer on it, none is kept. */
  private async kept(): Promise<Line | undefined> {
    const last = [...this.idle].at(-1);
    if (!last) return undefined;
    this.take(last);
    try {
      await last.run((connection, done) => connection.reset(done));
      return last;
    } catch {
      for (const line of [last, ...this.idle]) this.take(line).close();
      return undefined;
    }
  }

  private take(line: Line): Line {
    this.idle.delete(line);
    return line;
  }

  private async connected(): Promise<Line> {
    const connection = new SMTPConnection({ ...this.options });
    const line = new Line(connection);
    try {
      await line.run((_, done) => connection.connect(done));
      const { auth } = this;
      if (auth && connection.allowsAuth)
        await line.run((_, done) => connection.login({ ...auth }, done));
      return line;
    } catch (error) {
      line.close();
      throw error;
    }
  }

  private keep(line: Line): void {
    if (line.isOver || line.mails >= MAILS_MAX) return line.close();
    line.ended = () => this.idle.delete(line);
    this.idle.add(line);
  }
}

interface SmtpError {
  readonly responseCode?: number;
  readonly syscall?: string;
}

/** To `smtp://` or `smtps://`; the user and password of the URL sign in. */
export const smtpTransport = (url: string, timeoutMs: number): MailTransport => {
  const { hostname, port, protocol, username, password } = new URL(url);
  return new SmtpConnections(
    {
      host: hostname,
      port: Number(port) || 25,
      secure: protocol === 'smtps:',
      connectionTimeout: timeoutMs,
      greetingTimeout: timeoutMs,
      socketTimeout: timeoutMs,
    },
    username
      ? { user: decodeURIComponent(username), pass: decodeURIComponent(password) }
      : undefined,
  );
};

/**
 * E-mail by SMTP, with no queue of its own: a library that retries by itself would break "at most
 * once".
 */
export class MailGateway implements Mailer {
  private readonly server: { readonly 'server.address': string; readonly 'server.port': number };

  constructor(
    url: string,
    private readonly from: string,
    private readonly transport: MailTransport,
  ) {
    const { hostname, port } = new URL(url);
    this.server = { 'server.address': hostname, 'server.port': Number(port) || 25 };
  }

  async send({ noticeId, to, subject, text }: Parameters<Mailer['send']>[0]): Promise<SendOutcome> {
    try {
      await inSpan('SMTP', { kind: 'client', attributes: this.server }, () =>
        this.transport.sendMail({
          from: this.from,
          to,
          subject,
          text,
          messageId: `<${noticeId}@caretab>`,
        }),
      );
      return 'sent';
    } catch (error) {
      // The error's text may quote the address, so only its kind goes on.
      const { responseCode, syscall } = error as SmtpError;
      if (responseCode) return responseCode >= 500 ? 'refused' : 'not-sent';
      // Only a connection that was never made is certain; nodemailer reports a line that broke
      // after the text in the same words as one that broke before it.
      return syscall === 'connect' || syscall === 'getaddrinfo' ? 'not-sent' : 'unknown';
    }
  }
}
