import type { Degradation } from '@caretab/host';
import type { Clock } from '@caretab/kernel';

/** So long a follower may fail before `/health` says so: a failover passes by itself. */
export const STILL_MS_MAX = 30_000;

/** Whether a follower of the log goes on, by the turns of its subscription. */
export class StandingStill {
  private failing: { readonly since: Date; readonly why: string } | undefined;

  /** `follower` is what stands still: `the publication of visits`. */
  constructor(
    private readonly follower: string,
    private readonly clock: Clock,
  ) {}

  readonly onTurn = (error?: unknown): void => {
    this.failing =
      error === undefined
        ? undefined
        : { since: this.failing?.since ?? this.clock.now(), why: whyOf(error) };
  };

  degradations(): readonly Degradation[] {
    const { failing, follower } = this;
    if (!failing || this.clock.now().getTime() - failing.since.getTime() < STILL_MS_MAX) return [];
    return [{ what: follower, why: `stands still: ${failing.why}`, since: failing.since }];
  }
}

/** The words of an error that was made for operators; of any other its name and code alone. */
const whyOf = (error: unknown): string => {
  const { kind, name, message, code } = error as Partial<Error> & { kind?: string; code?: unknown };
  if (kind === 'unavailable') return `${name} (${message})`;
  return typeof code === 'string' ? `${name} (${code})` : String(name);
};
