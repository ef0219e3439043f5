import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Api } from './api';
import { type Citizen, type CitizenWish, membershipsOf } from './citizen';
import { eventually, pause } from '@caretab/hospital';
import { Hospital, type HospitalWish } from './hospital';
import { idNumberOf, mobileOf } from './identity-numbers';
import type { Address } from './platform';
import { logFileOf, sharedPlatform } from './shared-platform';

/** In the order in which news of a registration travels. */
const SERVICES = [
  'identity',
  'credit',
  'adjudication',
  'visit-ledger',
  'payment',
  'notification',
  'gateway',
] as const;
/** Files of keys are read again every ten seconds. */
const KEYS_ARE_READ_MS = 12_000;
const MINOR_FROM_BIRTH_YEAR = 2012;

/** Letters of the journey's name, and a digest of it: names may begin alike. */
const institutionCodeOf = (name: string): string =>
  name
    .toUpperCase()
    .replace(/[^A-Z]/g, '')
    .slice(0, 12) + createHash('sha256').update(name).digest('hex').slice(0, 5).toUpperCase();

export interface Mail {
  readonly to: readonly string[];
  readonly source: string;
}

export interface Webhook {
  readonly path: string;
  readonly noticeId: string;
  readonly body: any;
}

/**
 * Hospitals and citizens of one journey on a platform. Everything in it is named after the journey,
 * so that journeys share a platform without meeting.
 */
export class World {
  readonly api: Api;
  private hospitals = 0;
  private citizens = 0;

  constructor(
    private readonly name: string,
    readonly address: Address = sharedPlatform(),
  ) {
    this.api = new Api(address.url, address.serviceUrls, this.operatorKey, address.people);
  }

  get operatorKey(): string {
    return this.secret('OPERATOR_KEY');
  }

  /** As the platform's data folder keeps it. */
  secret(name: string): string {
    const secrets = readFileSync(join(this.address.dataDir, 'secrets.json'), 'utf8');
    return (JSON.parse(secrets) as Readonly<Record<string, string>>)[name]!;
  }

  /** Registers an institution with a key and a webhook of its own. */
  async hospital(wish: HospitalWish = {}): Promise<Hospital> {
    const institutionId = `${institutionCodeOf(this.name)}${(this.hospitals += 1)}`;
    const webhookPort = Number(new URL(this.address.url).port) + 2;
    const webhookUrl = `http://${this.address.host}:${webhookPort}/hooks/${institutionId}`;
    const registered = await this.api.ask('PUT', `/identity/institutions/${institutionId}`, {
      name: `Hospital ${institutionId}`,
      level: wish.level ?? 'level-3',
      webhookUrl,
      interface: {
        ...(wish.lateCharge && { lateCharge: wish.lateCharge }),
        presence: wish.presence ?? 'card',
        ...(wish.presenceReaders && { presenceReaders: wish.presenceReaders }),
        hl7: (wish.door ?? 'hl7') === 'hl7',
      },
    });
    if (registered.status !== 201)
      throw new Error(
        `registering ${institutionId} answered ${registered.status}: two journeys of one name?`,
      );
    await this.heard();
    return new Hospital(
      { institutionId, apiKey: registered.body.apiKey, door: wish.door ?? 'hl7' },
      { api: this.api, address: this.address },
    );
  }

  /** Registers a citizen with score, insurance and account, and opens the service. */
  async citizen(wish: CitizenWish = {}): Promise<Citizen> {
    const seed = `${this.name}/${(this.citizens += 1)}`;
    const born = wish.born ?? 1985;
    const { name = '欧阳晚晴', insurance = 'none', bank = 'ok', guardian } = wish;
    const data = {
      name,
      idNumber: idNumberOf(seed, born, wish.birthday),
      mobile: mobileOf(seed),
      email: `${this.name}.${this.citizens}@mail.example`,
    };
    const registered = await this.api.ask('POST', '/identity/persons', data);
    if (registered.status !== 201)
      throw new Error(
        `registering a citizen of ${this.name} answered ${registered.status}: ${registered.text}`,
      );
    const citizen: Citizen = { ...data, personId: registered.body.personId };
    const { personId } = citizen;
    await this.api.done('PUT', `/adjudication/memberships/${personId}`, {
      memberships: membershipsOf(insurance, born >= MINOR_FROM_BIRTH_YEAR),
    });
    await this.api.done('PUT', `/notification/preferences/${personId}`, {
      language: 'en',
      channels: ['email'],
    });
    if (guardian)
      await this.api.done('PUT', `/identity/persons/${personId}/guardian`, {
        guardianId: guardian.personId,
        relation: '5',
        evidence: { kind: 'birth-certificate', reference: 'S330106-17' },
      });
    else
      await this.api.done('PUT', `/credit/persons/${personId}/score`, {
        score: wish.score ?? 800,
        scoredAt: '2026-03-01T00:00:00Z',
      });
    if (bank !== null && !guardian)
      await this.api.done('PUT', `/payment/accounts/${personId}`, {
        channel: 'unionpay',
        token: `tok-${this.name}-${this.citizens}:${bank}`,
      });
    await this.heard();
    if (wish.enrolled !== false) await this.api.done('POST', '/credit/enrolments', { personId });
    return citizen;
  }

  /** Resolves when the platform has nothing left to do. */
  async quiet(): Promise<void> {
    await eventually(async () => {
      for (let round = 0; round < 2; round += 1)
        for (const service of SERVICES) await this.idle(service);
    }, 120_000);
  }

  /** Waits until the visit stands so, and gives how it stands. */
  async becomes(visitId: string, expected: Readonly<Record<string, unknown>>): Promise<any> {
    return eventually(async () => {
      const visit = await this.api.get(`/v1/visits/${encodeURIComponent(visitId)}`);
      expect(visit).toMatchObject(expected);
      return visit;
    });
  }

  /** The visit's facts, oldest first. */
  async historyOf(visitId: string): Promise<any[]> {
    return (await this.api.get(`/v1/visits/${encodeURIComponent(visitId)}/history`)).events;
  }

  paymentOf(visitId: string): Promise<any> {
    return this.api.get(`/payment/visits/${encodeURIComponent(visitId)}`);
  }

  lineOf({ personId }: Citizen): Promise<any> {
    return this.api.get(`/credit/accounts/${personId}`);
  }

  /** E-mails that reached the citizen's mail box. */
  mailsTo({ email }: Citizen): readonly Mail[] {
    return this.journal<Mail>('mail').filter(({ to }) => to.includes(email));
  }

  /** Notices that reached the hospital's receiving end. */
  webhooksTo({ institutionId }: Hospital): readonly Webhook[] {
    return this.journal<{ type: string; webhook: Webhook }>('webhooks')
      .filter(({ type }) => type === 'accepted')
      .map(({ webhook }) => webhook)
      .filter(({ path }) => path.endsWith(`/${institutionId}`));
  }

  /** The public-data platform of the sandbox has this number, and behaves so. */
  async registers(
    idNumber: string,
    registered: { readonly mobile?: string; readonly behaviour?: string },
  ): Promise<void> {
    const port = Number(new URL(this.address.url).port) + 2;
    const url = `http://${this.address.host}:${port}/public-data/persons/${idNumber}`;
    const answer = await fetch(url, { method: 'PUT', body: JSON.stringify(registered) });
    expect(answer.status).toBe(204);
  }

  /** The sandbox's issuer has made this code, and behaves so. */
  async issues(token: string, made: Readonly<Record<string, string>>): Promise<void> {
    const port = Number(new URL(this.address.url).port) + 2;
    const url = `http://${this.address.host}:${port}/issuers/tokens/${token}`;
    const answer = await fetch(url, { method: 'PUT', body: JSON.stringify(made) });
    expect(answer.status).toBe(204);
  }

  /** Codes that an SMS brought to a number, the oldest first. */
  codesTo(mobile: string): readonly string[] {
    return this.journal<{ message?: { to: { mobile?: string }; parameters: { code?: string } } }>(
      'messages',
    ).flatMap(({ message }) =>
      message?.to.mobile === mobile && message.parameters.code ? [message.parameters.code] : [],
    );
  }

  /** Everything the platform has printed and logged since its start. */
  log(): string {
    return readFileSync(logFileOf(this.address), 'utf8');
  }

  /** The lines of a journal of the sandbox, as a text. */
  journalText(name: 'mail' | 'webhooks' | 'messages' | 'acquirer'): string {
    const file = join(this.address.dataDir, 'sandbox', `${name}.jsonl`);
    return existsSync(file) ? readFileSync(file, 'utf8') : '';
  }

  /** The operator adds a producer's public key; every process has read it some seconds later. */
  async believes(publicKey: object): Promise<void> {
    const file = join(this.address.dataDir, 'authors.json');
    const authors = JSON.parse(readFileSync(file, 'utf8')) as { keys: object[] };
    writeFileSync(file, JSON.stringify({ ...authors, keys: [...authors.keys, publicKey] }));
    await pause(KEYS_ARE_READ_MS);
  }

  private journal<Entry>(name: 'mail' | 'webhooks' | 'messages' | 'acquirer'): Entry[] {
    const text = this.journalText(name);
    return text
      .slice(0, text.lastIndexOf('\n') + 1)
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Entry);
  }

  /** What was registered has reached those who act on it. */
  private async heard(): Promise<void> {
    await eventually(async () => {
      for (const service of ['identity', 'credit', 'adjudication', 'notification'])
        await this.idle(service);
    });
  }

  private async idle(service: string): Promise<void> {
    const backlog = await this.api.get<Record<string, number>>(`/${service}/backlog`);
    expect(Object.entries(backlog).filter(([, count]) => count > 0)).toEqual([]);
  }
}
