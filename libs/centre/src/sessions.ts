import type { Clock } from '@caretab/kernel';
import { momentOf } from './times';

interface Session {
  readonly day: string;
  readonly since: number;
  readonly signNo: Promise<string | undefined>;
}

/** A sign-in that is younger was no reason for a refusal. */
const FRESH_MS = 60_000;

/** The sign-in (9001) of each institution: one a day, shared by all messages of it. */
export class Sessions {
  private readonly open = new Map<string, Session>();

  constructor(
    private readonly clock: Clock,
    private readonly signIn: (institutionId: string) => Promise<string | undefined>,
  ) {}

  async signNoOf(institutionId: string): Promise<string | undefined> {
    const now = this.clock.now();
    const day = momentOf(now).slice(0, 10);
    const known = this.open.get(institutionId);
    if (known?.day === day) return known.signNo;
    const session = { day, since: now.getTime(), signNo: this.signIn(institutionId) };
    this.open.set(institutionId, session);
    const signNo = await session.signNo;
    if (signNo === undefined && this.open.get(institutionId) === session)
      this.open.delete(institutionId);
    return signNo;
  }

  /** After a refusal: the sign-in may have ended, and the next message makes a new one. */
  doubt(institutionId: string): void {
    const known = this.open.get(institutionId);
    if (known && this.clock.now().getTime() - known.since > FRESH_MS)
      this.open.delete(institutionId);
  }

  /** All that are open, which are open no more. */
  async end(): Promise<readonly (readonly [string, string])[]> {
    const ended = [...this.open];
    this.open.clear();
    const signed = await Promise.all(ended.map(async ([id, { signNo }]) => [id, await signNo]));
    return signed.flatMap(([id, signNo]) => (id && signNo ? [[id, signNo] as const] : []));
  }
}
