import { inSpan } from '@caretab/telemetry';
import type { Mailer, SendOutcome } from './outlets';
import { type MailTransport, SmtpConnections } from './smtp-connections.gateway';

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
