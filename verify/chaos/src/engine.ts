import { pause } from '@caretab/hospital';

/**
 * What a server of ours can do: what both PostgreSQL and Kafka offer when they are started here.
 */
export interface Running {
  stop(): Promise<void>;
  kill(): Promise<void>;
}

const AGAIN_INTERVAL_MS = 300;
const START_TIMEOUT_MS = 120_000;

/** A server that can be taken away and brought back, on the same port and data. */
export class Engine<Server extends Running> {
  private running: Server | undefined;
  private isOver = false;

  constructor(
    readonly name: string,
    private readonly begin: () => Promise<Server>,
  ) {}

  get server(): Server | undefined {
    return this.running;
  }

  /**
   * Starts it; what a killed one left behind may stand in the way for a moment, so a start that
   * fails is tried again.
   */
  async start(): Promise<Server> {
    for (const giveUpAt = performance.now() + START_TIMEOUT_MS; ; await pause(AGAIN_INTERVAL_MS)) {
      try {
        this.running = await this.begin();
        break;
      } catch (error) {
        if (performance.now() > giveUpAt || this.isOver) throw error;
      }
    }
    // It was asked to stop while it started.
    if (this.isOver) await this.running.stop();
    return this.running;
  }

  /** Takes it away, with or without a word. */
  async end(how: 'kill' | 'stop'): Promise<void> {
    const server = this.running;
    this.running = undefined;
    await server?.[how]();
  }

  /** For good. */
  async stop(): Promise<void> {
    this.isOver = true;
    await this.end('stop');
  }
}
