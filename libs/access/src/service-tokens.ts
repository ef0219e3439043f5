import type { Clock } from '@caretab/kernel';
import type { Subject } from './subject';
import { SERVICE_TOKEN_MS, type ServiceKey, signServiceToken } from './service-token';

/** One is used for so long; the rest of its time is for clocks that differ. */
const RENEWED_MS = SERVICE_TOKEN_MS / 2;
/** For each service that is asked, and whom it is asked for: some 5 MB. */
const HELD_MAX = 5_000;

interface Held {
  readonly kid: string;
  readonly issuedAtMs: number;
  readonly authorization: string;
}

/** By what a service says to another who it is, and in whose place it asks. One is signed every 30 s. */
export class ServiceTokens {
  private readonly held = new Map<string, Held>();

  constructor(
    private readonly parts: {
      /** The key by which the service signs now. */
      readonly key: () => ServiceKey;
      /** The machine's, as that of who verifies. */
      readonly clock: Clock;
    },
  ) {}

  /** The header field `Authorization` of a request to the service `audience`. */
  authorization(audience: string, carried?: Subject): string {
    const key = this.parts.key();
    const nowMs = this.parts.clock.now().getTime();
    // A NUL stands in no id.
    const place = carried
      ? `${audience}\0${carried.id}\0${JSON.stringify(carried.roles)}\0${carried.hasSecondFactor}`
      : audience;
    const held = this.held.get(place);
    const ageMs = held ? nowMs - held.issuedAtMs : Infinity;
    // A clock that was set back signs again.
    if (held?.kid === key.kid && ageMs >= 0 && ageMs < RENEWED_MS) return held.authorization;
    const token = signServiceToken(key, { audience, carried, issuedAtMs: nowMs });
    const next = { kid: key.kid, issuedAtMs: nowMs, authorization: `Bearer ${token}` };
    this.held.delete(place);
    this.held.set(place, next);
    if (this.held.size > HELD_MAX) this.held.delete(this.held.keys().next().value!);
    return next.authorization;
  }
}
