import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** An answer on its way back. */
export interface Answered {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly body: Buffer;
}

/** What is answered instead. */
export interface Instead {
  readonly status: number;
  readonly body: Buffer;
  readonly contentType: string;
}

/**
 * A proxy between the platform and a server it asks. It forwards every question, and may replace
 * the true answer. By default it does not.
 */
export class Meddler {
  /** undefined: the truth. */
  meddle: (answered: Answered) => Instead | undefined = () => undefined;
  private readonly server = createServer(
    (request, response) => void this.handOn(request, response).catch(() => response.destroy()),
  );

  constructor(private readonly target: () => string) {}

  async start(): Promise<string> {
    await new Promise<void>((listening) =>
      this.server.listen({ host: '127.0.0.1', port: 0 }, listening),
    );
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise<void>((closed) => this.server.close(() => closed()));
  }

  private async handOn(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const { method = 'GET', url: path = '/' } = request;
    const headers = Object.fromEntries(
      Object.entries(request.headers).filter(
        ([name]) => !['host', 'connection', 'content-length', 'transfer-encoding'].includes(name),
      ),
    ) as Record<string, string>;
    const truth = await fetch(`${this.target()}${path}`, {
      method,
      headers,
      redirect: 'manual',
      ...(parts.length > 0 && { body: Buffer.concat(parts) }),
    });
    const answered: Answered = {
      method,
      path,
      status: truth.status,
      body: Buffer.from(await truth.arrayBuffer()),
    };
    const { status, body, contentType } = this.meddle(answered) ?? {
      ...answered,
      contentType: truth.headers.get('content-type') ?? 'application/json',
    };
    response
      .writeHead(status, { 'content-type': contentType })
      .end(status === 204 || status === 304 ? undefined : body);
  }
}
