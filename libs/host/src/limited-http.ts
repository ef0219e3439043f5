import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { ExpressAdapter } from '@nestjs/platform-express';
import express, { type Express } from 'express';

export interface HttpLimits {
  /** For a caller to send its whole request, and to read its whole answer. */
  readonly requestTimeoutMs: number;
  readonly connectionsMax: number;
  /** Called for each refused connection. */
  readonly refused: () => void;
}

/** For the head of a request, if the whole may take longer. */
const HEAD_TIMEOUT_MS = 10_000;
const HEADERS_MAX = 100;
/**
 * A connection on which nothing is asked; longer than balancers keep theirs, so that none sends
 * into one that is just being closed.
 */
const KEEP_ALIVE_MS = 65_000;

/** A path in capitals would reach its route past those who know it by its path. */
const oneSpelling = (): Express => express().set('case sensitive routing', true);

/**
 * Node's server with a limit on everything: connections, the time to send a request, the time to
 * read an answer. How long the work between the two takes is not limited here.
 */
export class LimitedHttp extends ExpressAdapter {
  private readonly answering = new WeakMap<Socket, ServerResponse>();

  /** `inFront`: who decides about a request before Express does. */
  constructor(
    private readonly limits: HttpLimits,
    private readonly inFront: (inside: RequestListener) => RequestListener,
  ) {
    super(oneSpelling());
  }

  override initHttpServer(): void {
    const { requestTimeoutMs, connectionsMax, refused } = this.limits;
    const within = {
      requestTimeout: requestTimeoutMs,
      headersTimeout: Math.min(HEAD_TIMEOUT_MS, requestTimeoutMs),
      keepAliveTimeout: KEEP_ALIVE_MS,
      connectionsCheckingInterval: Math.min(1_000, requestTimeoutMs / 4),
    };
    const server = createServer(within, this.inFront(this.getInstance<RequestListener>()));
    this.setHttpServer(server);
    server.maxHeadersCount = HEADERS_MAX;
    server.maxConnections = connectionsMax;
    server.on('drop', () => refused());
    server.prependListener(
      'request',
      ({ socket }, response) => void this.answering.set(socket, response),
    );
    this.dropUnread(server, requestTimeoutMs);
  }

  /** A connection that stands still is closed, unless it waits for us to answer. */
  private dropUnread(server: Server, timeoutMs: number): void {
    server.setTimeout(timeoutMs, (socket: Socket) => {
      const response = this.answering.get(socket);
      if (response && !response.writableEnded) socket.setTimeout(timeoutMs);
      else socket.destroy();
    });
  }
}
