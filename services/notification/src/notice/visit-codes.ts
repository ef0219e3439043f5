import { createHmac, timingSafeEqual } from 'node:crypto';
import { type Clock, DomainError } from '@caretab/kernel';
import { instantColumn, integerColumn, type Store, table, textColumn } from '@caretab/store';
import { deathTable, institutionTable } from '../institution/institution.table';
import { preferenceTable } from '../preference/preference.table';
import type { Contacts, Messages } from './outlets';
import { renderShort, type ShortTexts } from './short-text';

/** The code by which who pays says yes to a visit at its desk: its hash alone. */
export interface VisitCodeRow {
  readonly visitId: string;
  /** Null: none is awaited, or there were too many wrong ones. */
  readonly codeHash: string | null;
  readonly endsAt: Date;
  readonly tries: number;
  readonly sent: number;
  readonly sentAt: Date;
}

export const visitCodeTable = table<VisitCodeRow>({
  name: 'visit_code',
  columns: {
    visitId: textColumn('visit_id', { primary: true }),
    codeHash: textColumn('code_hash', { nullable: true }),
    endsAt: instantColumn('ends_at'),
    tries: integerColumn(),
    sent: integerColumn(),
    sentAt: instantColumn('sent_at'),
  },
});

export interface VisitCodesParts {
  readonly store: Store;
  readonly clock: Clock;
  /** None where the operator has no such provider. */
  readonly sms: Messages | undefined;
  readonly contacts: Contacts;
  readonly shortTexts: ShortTexts;
  /** What the hospital is called where it has no name. */
  readonly unnamed: Readonly<Record<'zh' | 'en', string>>;
  /** Hashes codes: six digits alone are guessed from a plain hash. */
  readonly key: string;
  /** A whole number below `max`. */
  readonly chance: (max: number) => number;
}

export type Sent = 'sent' | 'too-soon' | 'too-many' | 'none';
export type Checked = {
  readonly outcome: 'right' | 'wrong' | 'none';
  readonly triesLeft: number;
};

const MINUTE_MS = 60_000;
const VALID_MS = 5 * MINUTE_MS;
const PAUSE_MS = MINUTE_MS;
/** 15 tries of a million: a guess succeeds once in 66,666 visits. */
const SENT_MAX = 3;
const TRIES_MAX = 5;
/** Longer than an answer is awaited. */
const KEPT_MS = 2 * 24 * 60 * MINUTE_MS;
const CODES = 1_000_000;

const institutionOf = (visitId: string): string => visitId.slice(0, visitId.indexOf('-'));

/**
 * Codes by SMS to who pays for a visit, made as they are sent. They are kept as keyed hashes over the
 * visit, whose id begins with its institution's: a code is of no other visit or hospital.
 */
export class VisitCodes {
  constructor(private readonly parts: VisitCodesParts) {}

  /** What may have been sent counts as sent. Throws IDENTITY_UNAVAILABLE (unavailable). */
  async send(
    visitId: string,
    personId: string,
  ): Promise<{ readonly outcome: Sent; readonly expiresAt?: Date }> {
    const { sms, contacts, shortTexts, unnamed } = this.parts;
    if (!sms) return { outcome: 'none' };
    const contact = await contacts.of(personId);
    if (contact === 'unavailable')
      throw new DomainError('IDENTITY_UNAVAILABLE', 'unavailable', { remedy: 'try again later' });
    if (typeof contact === 'string' || contact.mobile === null) return { outcome: 'none' };
    const made = await this.make(visitId, personId);
    if (typeof made === 'string') return { outcome: made };
    const { code, row, name, preferred } = made;
    const language = preferred ?? contact.language;
    const text = renderShort(
      shortTexts,
      { template: 'visit-code', facts: { code } },
      { language, hospital: name ?? unnamed[language], link: undefined },
    );
    const noticeId = `visit-code/${visitId}/${row.sent}`;
    const to = { mobile: contact.mobile };
    const outcome = await sms.send({ noticeId, to, language, ...text });
    if (outcome === 'sent' || outcome === 'unknown')
      return { outcome: 'sent', expiresAt: row.endsAt };
    return { outcome: 'none' };
  }

  /** The right code may come again until it ends: an answer may be lost. */
  check(visitId: string, code: string): Promise<Checked> {
    const { store, clock } = this.parts;
    return store.transact(async (transaction): Promise<Checked> => {
      const rows = transaction.rows(visitCodeTable);
      const row = await rows.get({ visitId }, { lock: 'wait' });
      if (!row || row.codeHash === null || row.endsAt <= clock.now())
        return { outcome: 'none', triesLeft: 0 };
      if (timingSafeEqual(Buffer.from(row.codeHash), Buffer.from(this.hashOf(visitId, code))))
        return { outcome: 'right', triesLeft: TRIES_MAX - row.tries };
      const tries = row.tries + 1;
      await rows.save({ ...row, tries, codeHash: tries < TRIES_MAX ? row.codeHash : null });
      return { outcome: 'wrong', triesLeft: TRIES_MAX - tries };
    });
  }

  /** The former code of the visit ends with a further one. */
  private make(visitId: string, personId: string) {
    const { store, clock, chance } = this.parts;
    return store.transact(async (transaction) => {
      const now = clock.now();
      const rows = transaction.rows(visitCodeTable);
      if ((await transaction.rows(deathTable).get({ personId }))?.died) return 'none' as const;
      await rows.delete({ sentAt: { lte: new Date(now.getTime() - KEPT_MS) } });
      const fresh = { visitId, codeHash: null, endsAt: now, tries: 0, sent: 0, sentAt: now };
      const isFirst = await rows.insertIfAbsent(fresh);
      const known = await rows.get({ visitId }, { lock: 'wait' });
      const { sent, sentAt } = known ?? fresh;
      if (sent >= SENT_MAX) return 'too-many' as const;
      if (!isFirst && sent > 0 && now.getTime() < sentAt.getTime() + PAUSE_MS)
        return 'too-soon' as const;
      const code = String(chance(CODES)).padStart(6, '0');
      const codeHash = this.hashOf(visitId, code);
      const endsAt = new Date(now.getTime() + VALID_MS);
      const row = { visitId, codeHash, endsAt, tries: 0, sent: sent + 1, sentAt: now };
      await rows.save(row);
      const institutionId = institutionOf(visitId);
      const institution = await transaction.rows(institutionTable).get({ institutionId });
      const preference = await transaction.rows(preferenceTable).get({ personId });
      return { code, row, name: institution?.name ?? null, preferred: preference?.language };
    });
  }

  private hashOf(visitId: string, code: string): string {
    return createHmac('sha256', this.parts.key)
      .update(`visit-code/${visitId}/${code}`)
      .digest('hex');
  }
}
