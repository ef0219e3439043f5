import { type SigningKey, signingKeyOf, SEED_BYTES } from '@caretab/access';
import type { Clock } from '@caretab/kernel';
import { open, type Randomness, seal, type SealingKeys } from '@caretab/security';
import type { Store } from '@caretab/store';
import { tokenKeyOf } from './sealed-tables';
import { type SigningKeyRow, signingKeyTable } from './signing-key.table';

const MINUTE_MS = 60_000;
/** A key is published so long before it signs: every verifier reads the published ones again by then. */
export const ANNOUNCED_MS = MINUTE_MS;
/** A key is published so long after it signed last: as long as any token is believed. */
export const PUBLISHED_AFTER_MS = 15 * MINUTE_MS;
/** A leak is kept until no token of before can be in use. */
const KEPT_MS = 24 * 60 * MINUTE_MS;
/** Other processes that sign and publish see a rotation after so long. */
const READ_AGAIN_MS = 1_000;

interface Parts {
  readonly store: Store;
  /** The machine's: tokens are compared with the machines of others. */
  readonly clock: Clock;
  readonly sealingKeys: SealingKeys;
  readonly randomness: Randomness;
  /** A key that is older gets a successor. */
  readonly keyAgeMs: number;
}

/**
 * The keys that sign tokens. They rotate while all run: a new key is published before it signs, and an
 * old one stays published for as long as its tokens may be in use.
 */
export class SigningKeys {
  private read: { readonly rows: readonly SigningKeyRow[]; readonly atMs: number } | undefined;
  private readonly opened = new Map<string, SigningKey>();

  constructor(private readonly parts: Parts) {}

  /** The one that signs now; the first is made, and one that is too old gets a successor. */
  async current(): Promise<SigningKey> {
    const now = this.parts.clock.now();
    const isDue = ({ madeAt }: SigningKeyRow): boolean =>
      madeAt.getTime() < now.getTime() - this.parts.keyAgeMs;
    let sound = await this.sound();
    if (sound.every(isDue)) {
      await this.rotate({ isLeaked: false, isStillDue: (known) => known.every(isDue) });
      sound = await this.sound();
    }
    // One that is announced signs where a clock was set back and there is no other.
    return this.open(sound.find(({ signsFrom }) => signsFrom <= now) ?? sound[0]!);
  }

  /** Those that others verify with. */
  async published(): Promise<readonly SigningKey[]> {
    const now = this.parts.clock.now();
    return (await this.rows())
      .filter(({ publishedUntil }) => publishedUntil === null || publishedUntil > now)
      .map((row) => this.open(row));
  }

  /** All tokens that were issued before are void; undefined where no key has leaked. */
  async voidBefore(): Promise<Date | undefined> {
    const leaks = (await this.rows()).flatMap(({ leakedAt }) => leakedAt ?? []);
    return leaks.sort((one, other) => other.getTime() - one.getTime())[0];
  }

  /**
   * Makes a new key, which signs after a minute. Where the old ones leaked it signs at once, and they
   * are believed no more. Undefined where it was not due any more.
   */
  async rotate({
    isLeaked,
    isStillDue,
  }: {
    readonly isLeaked: boolean;
    readonly isStillDue?: (known: readonly SigningKeyRow[]) => boolean;
  }): Promise<string | undefined> {
    const now = this.parts.clock.now();
    const key = signingKeyOf(this.parts.randomness(SEED_BYTES));
    const isMade = await this.parts.store.transact(async (transaction) => {
      const rows = transaction.rows(signingKeyTable);
      const known = await rows.find({}, { lock: 'wait' });
      const sound = known.filter(({ leakedAt }) => leakedAt === null);
      if (isStillDue && !isStillDue(sound)) return false;
      const isAnnounced = !isLeaked && sound.length > 0;
      const signsFrom = isAnnounced ? new Date(now.getTime() + ANNOUNCED_MS) : now;
      const until = isLeaked ? now : new Date(signsFrom.getTime() + PUBLISHED_AFTER_MS);
      for (const old of known) {
        const isLonger = old.publishedUntil === null || old.publishedUntil > until;
        await rows.save({
          ...old,
          publishedUntil: isLonger ? until : old.publishedUntil,
          leakedAt: old.leakedAt ?? (isLeaked ? now : null),
        });
      }
      await rows.delete({ publishedUntil: { lte: new Date(now.getTime() - KEPT_MS) } });
      const sealed = this.seal(key);
      await rows.insert({
        ...{ kid: key.kid, sealed, madeAt: now, signsFrom },
        ...{ publishedUntil: null, leakedAt: null },
      });
      return true;
    });
    this.read = undefined;
    return isMade ? key.kid : undefined;
  }

  private async sound(): Promise<readonly SigningKeyRow[]> {
    return (await this.rows()).filter(({ leakedAt }) => leakedAt === null);
  }

  /** The newest first. */
  private async rows(): Promise<readonly SigningKeyRow[]> {
    const nowMs = this.parts.clock.now().getTime();
    if (this.read && Math.abs(nowMs - this.read.atMs) < READ_AGAIN_MS) return this.read.rows;
    const rows = await this.parts.store.transact((transaction) =>
      transaction.rows(signingKeyTable).find({}, { orderBy: 'signsFrom', descending: true }),
    );
    this.read = { rows, atMs: nowMs };
    return rows;
  }

  private seal({ kid, privateJwk }: SigningKey): Buffer {
    const seed = Buffer.from(privateJwk.d!, 'base64url');
    return seal(this.parts.sealingKeys, seed, tokenKeyOf(kid), this.parts.randomness);
  }

  private open({ kid, sealed }: SigningKeyRow): SigningKey {
    const known = this.opened.get(kid);
    if (known) return known;
    const key = signingKeyOf(open(this.parts.sealingKeys, sealed, tokenKeyOf(kid)));
    this.opened.set(kid, key);
    return key;
  }
}
