import type { Holder, HolderField, InterfaceProfile, KeyScope } from '@caretab/contracts';
import { DomainError } from '@caretab/kernel';
import { MemoryStore, type Store } from '@caretab/store';
import { fixedClock } from '@caretab/doubles';
import { KeyFile } from '@caretab/security';
import { HttpDoor } from '../src/api/http-door';
import { Hl7Door } from '../src/hl7/hl7-door';
import type { Hl7DoorParts } from '../src/hl7/hl7-door-parts';
import { translate, type Translation } from '../src/hl7/translate';
import { Envelope } from '../src/intake/envelope';
import { Intake } from '../src/intake/intake';
import type { ChargeDecision } from '../src/api/visit-ledger.adapter';
import type { InstitutionProof, KeyHolder, Partners, Whose } from '../src/intake/partners';
import { Presented } from '../src/intake/presented';
import type { Credential } from '../src/intake/submission';
import { Mentions } from '../src/quarantine/mentions';
import { Quarantine, type QuarantineBounds } from '../src/quarantine/quarantine';

/** The specimen of GB 11643; which no person bears. */
export const SPECIMEN = '11010519491231002X';
export const CHILD = '110105201801010019';

const segment = (name: string, fields: Readonly<Record<number, string>>): string => {
  const last = Math.max(...Object.keys(fields).map(Number));
  return [name, ...Array.from({ length: last }, (_, index) => fields[index + 1] ?? '')].join('|');
};

export interface MessageFields {
  readonly controlId?: string;
  readonly facility?: string;
  readonly charset?: string;
  /** MSH-17. */
  readonly country?: string;
  /** MSH-7. */
  readonly sentAt?: string;
  /** MSH-3. */
  readonly application?: string;
  readonly name?: string;
  readonly evn?: Readonly<Record<number, string>>;
  readonly pid?: Readonly<Record<number, string>>;
  readonly pv1?: Readonly<Record<number, string>>;
  readonly ft1?: readonly Readonly<Record<number, string>>[];
}

export const charge = (
  id: string,
  more: Readonly<Record<number, string>> = {},
): Readonly<Record<number, string>> => ({
  1: '1',
  2: id,
  4: '20240115092800',
  5: '20240115093000',
  6: 'CG',
  7: 'LAB001^血常规^HZ001',
  10: '1',
  11: '20.00&CNY',
  12: '20.00&CNY',
  13: 'LAB',
  ...more,
});

export const takeBack = (
  id: string,
  of: string,
  more: Readonly<Record<number, string>> = {},
): Readonly<Record<number, string>> => ({
  1: '1',
  2: id,
  4: '20240115094000',
  6: 'CD',
  7: 'LAB001^血常规^HZ001',
  10: '-1',
  11: '-20.00&CNY',
  12: '20.00&CNY',
  31: of,
  ...more,
});

/** One HL7 message with segments ended by CR; fields given by number replace the usual ones. */
export const hl7 = (
  type: string,
  {
    controlId = 'M0001',
    facility = 'HZ001',
    charset = 'UNICODE UTF-8',
    country = 'CHN',
    sentAt = '20240115090500+0800',
    application = 'HIS',
    name = '测试^患者',
    evn,
    pid,
    pv1,
    ft1 = [],
  }: MessageFields = {},
): string => {
  const trigger = type.split('^')[1]!;
  return [
    `MSH|^~\\&|${application}|${facility}|CARETAB|CITY|${sentAt}||${type}|${controlId}|P|2.5.1|` +
      `||AL|NE|${country}|${charset}`,
    segment('EVN', { 1: trigger, 2: '20240115090500', ...evn }),
    segment('PID', {
      1: '1',
      3: `${SPECIMEN}^^^CN^NI~P0001^^^HZ001^MR`,
      5: name,
      7: '19491231',
      8: 'F',
      ...pid,
    }),
    segment('PV1', {
      1: '1',
      2: 'O',
      3: 'OPD^001^^HZ001',
      7: 'D001^甲^医生',
      19: 'V0001',
      44: '20240115090000',
      ...pv1,
    }),
    ...ft1.map((fields) => segment('FT1', fields)),
  ].join('\r');
};

export const personIdOf = (number: number): string =>
  `p-00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;

/** Identity in small: remembers who is registered and what it was asked, and can be away. */
export class FakePartners implements Partners {
  readonly facilities = new Map([
    ['HZ001', 'HZ001'],
    ['HZ002', 'HZ002'],
  ]);
  readonly keys = new Map([['key-of-HZ002', 'HZ002']]);
  readonly persons = new Map([
    [SPECIMEN, personIdOf(1)],
    [CHILD, personIdOf(2)],
  ]);
  readonly profiles = new Map<string, InterfaceProfile>();
  readonly asked: string[] = [];
  away = false;

  async institutionOf(proof: InstitutionProof): Promise<string> {
    this.answering();
    const known =
      'facility' in proof
        ? this.facilities.get(proof.facility)
        : 'apiKey' in proof
          ? this.keys.get(proof.apiKey)
          : [...this.facilities.values()].find((id) => id === proof.institutionId);
    if (!known) throw new DomainError('INSTITUTION_UNKNOWN', 'not-found', { field: 'MSH-4' });
    return known;
  }

  /** What keys are for, where they are not for everything. */
  readonly scopes = new Map<string, readonly KeyScope[]>();

  async keyHolder(apiKey: string): Promise<KeyHolder> {
    const institutionId = await this.institutionOf({ apiKey });
    const scopes = this.scopes.get(apiKey);
    return scopes ? { institutionId, scopes } : { institutionId };
  }

  async profileOf(institutionId: string): Promise<InterfaceProfile> {
    this.answering();
    return { hl7: true, ...this.profiles.get(institutionId) };
  }

  /** Whose numbers were a minute ago: what is asked again is not answered by it. */
  readonly remembered = new Map<string, string>();

  /** Ids that no person has. */
  readonly unknown = new Set<string>();

  /** Numbers of cards that lead to no one any more. */
  readonly lost = new Set<string>();

  /** What of a holder differs, by the name it was said under. */
  readonly differing = new Map<string, readonly HolderField[]>();

  private readonly registered = new Map<string, { name: string; birthDate: string }>();

  /** From here on a holder is compared with what the register says. */
  register(value: string, as: { name: string; birthDate: string }): void {
    this.registered.set(this.persons.get(value)!, as);
  }

  private differsFrom(personId: string, { names, birthDate }: Holder): HolderField[] | undefined {
    const known = this.registered.get(personId);
    return (
      known && [
        ...(names && !names.includes(known.name) ? (['name'] as const) : []),
        ...(birthDate && !known.birthDate.startsWith(birthDate) ? (['birthDate'] as const) : []),
      ]
    );
  }

  async compare(personId: string, holder: Holder): Promise<readonly HolderField[]> {
    this.answering();
    this.asked.push('compare');
    if (this.unknown.has(personId))
      throw new DomainError('PERSON_UNKNOWN', 'not-found', { field: '/personId' });
    const known = this.differsFrom(personId, holder);
    if (known) return known;
    const { names = [] } = holder;
    return names.flatMap((name) => this.differing.get(name) ?? []);
  }

  async personOf(
    { value, type }: Credential,
    { holder, fresh }: { readonly holder?: Holder | undefined; readonly fresh: boolean },
  ): Promise<Whose> {
    this.answering();
    this.asked.push(type);
    const remembered = fresh ? undefined : this.remembered.get(value);
    const known = remembered ?? this.persons.get(value);
    if (this.lost.has(value)) throw new DomainError('CARD_NOT_VALID', 'forbidden', { type });
    if (!known) throw new DomainError('PERSON_UNKNOWN', 'not-found', { type });
    const differs =
      this.differsFrom(known, holder ?? {}) ??
      (holder?.names ?? []).flatMap((name) => this.differing.get(name) ?? []);
    return { personId: known, differs };
  }

  /** Every text is its own index: an identifier is found by what it is. */
  async indexesOf(values: readonly string[]): Promise<readonly string[]> {
    this.answering();
    return values.map((value) => `index of ${value}`);
  }

  private answering(): void {
    if (this.away)
      throw new DomainError('IDENTITY_UNAVAILABLE', 'unavailable', { remedy: 'try again later' });
  }
}

export { PLAIN } from '../src/hl7/senders';

/** A hospital may ask for whom it will. */
export const NO_BUDGET = { check: () => undefined, note: () => undefined };

const UNDECIDED = { decision: 'undecided' } as const;

/** The gateway behind its sockets and routes, on any store. */
export const gatewayOn = (
  store: Store = new MemoryStore(),
  admit: Hl7DoorParts['admit'] = async () => () => undefined,
  bounds: Partial<QuarantineBounds> = {},
  traceparent: () => string | undefined = () => undefined,
) => {
  const clock = fixedClock('2024-01-15T01:05:00Z');
  const partners = new FakePartners();
  const envelope = new Envelope(new KeyFile('KEYS', Buffer.alloc(32, 7).toString('hex')));
  const failures: unknown[] = [];
  const unanswered: string[] = [];
  const passedOver: string[] = [];
  /** What the ledger was asked, and what it decides by charge. */
  const asked: { visitId: string; charges: readonly unknown[]; waitMs: number }[] = [];
  const decided = new Map<string, Omit<ChargeDecision, 'chargeId'>>();
  const noted: string[] = [];
  const intake = new Intake({
    store,
    clock,
    partners,
    envelope,
    careTimes: { aheadMs: 7_200_000, behindMs: 1096 * 86_400_000, orderMs: 7_200_000 },
    traceparent,
    holderDiffers: (door, fields) => void noted.push(`${door} ${fields.join(' ')}`),
  });
  const presented = new Presented({ store, clock });
  let dropped = 0;
  const quarantine = new Quarantine({
    store,
    clock,
    envelope,
    bounds: { rowsMax: 10_000, bytesMax: 100_000_000, unknownRowsMax: 1_000, ...bounds },
    dropped: () => void (dropped += 1),
  });
  const mentions = new Mentions({ store, clock, envelope, partners });
  /** `fingerprint institution` */
  const listed = new Set<string>();
  const hl7Door = new Hl7Door({
    intake,
    quarantine,
    partners,
    clock,
    admit: (institutionId) => admit(institutionId),
    decisionsOn: (visitId, charges, { waitMs }) => {
      asked.push({ visitId, charges, waitMs });
      return Promise.resolve(
        charges.map(({ chargeId }) => ({ chargeId, ...(decided.get(chargeId) ?? UNDECIDED) })),
      );
    },
    mayCertificateSpeak: (certificate, institutionId) =>
      listed.has(`${certificate} ${institutionId}`),
    failed: (error) => void failures.push(error),
    unanswered: (why) => void unanswered.push(why),
    passedOver: (why, type) => void passedOver.push(`${why} ${type}`),
  });
  const httpDoor = new HttpDoor({ intake, quarantine });
  const published = async (): Promise<
    {
      id: string;
      type: string;
      key: string;
      cause: string;
      source: string;
      value: Record<string, unknown>;
    }[]
  > =>
    (await store.unpublished(1000)).map(({ key, headers, value }) => ({
      id: headers['ce_id']!,
      type: headers['ce_type']!,
      cause: headers['ce_causationid']!,
      source: headers['ce_source']!,
      key,
      value: value as Record<string, unknown>,
    }));
  return {
    store,
    clock,
    partners,
    envelope,
    failures,
    unanswered,
    passedOver,
    asked,
    decided,
    noted,
    intake,
    presented,
    quarantine,
    mentions,
    dropped: () => dropped,
    listed,
    hl7Door,
    httpDoor,
    published,
  };
};

/** MSA-1 and the application's error codes (ERR-5) of an answer. */
export const answered = (
  answer: { toString(): string } | undefined,
): { code: string; controlId: string; text: string; errors: string[] } => {
  const lines = (answer?.toString() ?? '').split('\r').map((line) => line.split('|'));
  const msa = lines.find(([name]) => name === 'MSA') ?? [];
  return {
    code: msa[1] ?? '',
    controlId: msa[2] ?? '',
    text: msa[3] ?? '',
    errors: lines.filter(([name]) => name === 'ERR').map((line) => line[5] ?? ''),
  };
};

/** What a message that is not ignored says. */
export const translated = (text: string, profile?: InterfaceProfile): Translation => {
  const translation = translate(text, profile);
  if (!('facts' in translation)) throw new Error('the message says nothing of a visit');
  return translation;
};
