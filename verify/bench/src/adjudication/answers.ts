import type { Topic } from '@caretab/contracts';
import type { LoneSite } from '../lone/site';

const SILENCE_MAX_MS = 60_000;

/** Reads what a service answers, and counts each visit's answer of the awaited type. */
export class Answers {
  private readonly seen = new Map<string, number>();
  private type = '';
  private rung: (() => void) | undefined;
  readonly faults: string[] = [];

  constructor(private readonly site: LoneSite) {}

  /** Reads a topic from now on; the machine closes its bus. */
  async start(topic: Topic): Promise<void> {
    await this.site.bus.consume(
      { group: 'bench.answers', topics: [topic.name], batchSizeMax: 1000 },
      async ({ messages }) => {
        for (const { key, headers } of messages)
          if (headers['ce_type'] === this.type) this.seen.set(key, (this.seen.get(key) ?? 0) + 1);
        this.rung?.();
      },
    );
  }

  /** Forgets what came, and awaits another type. */
  await(type: string): void {
    this.seen.clear();
    this.type = type;
  }

  get count(): number {
    return this.seen.size;
  }

  /** Resolves when something came. Rejects after a minute of silence. */
  next(): Promise<void> {
    return new Promise((resolve, reject) => {
      const late = setTimeout(
        () => reject(new Error(`no ${this.type} came for a minute`)),
        SILENCE_MAX_MS,
      );
      this.rung = () => (clearTimeout(late), resolve());
    });
  }

  /** Notes what was answered more than once. */
  check(): void {
    const doubled = [...this.seen.values()].filter((times) => times > 1).length;
    if (doubled > 0) this.faults.push(`${doubled} visits have more than one ${this.type}`);
  }
}
