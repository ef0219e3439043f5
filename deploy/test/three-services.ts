import { TWIN_KEYS_TEXT } from '@caretab/event-store';
import { setTimeout as sleep } from 'node:timers/promises';
import { topics } from '@caretab/contracts';
import { freePort } from '@caretab/doubles';
import { gateway } from '@caretab/gateway';
import { identity } from '@caretab/identity';
import { type Bus, twinBusSettings } from '@caretab/bus';
import { type RunningServices, startServices } from '@caretab/host';
import { visitLedger } from '@caretab/visit-ledger';

const ANSWER_TIMEOUT_MS = 20_000;
const RECOVERS_TIMEOUT_MS = 60_000;
export const AT = '2026-03-02T09:00:00+08:00';
export const PATIENT = {
  name: '欧阳晚晴',
  idNumber: '110101198503074612',
  mobile: '13800138000',
} as const;

export interface Answer {
  readonly status: number;
  readonly body: any;
}

export const until = async (
  condition: () => Promise<boolean>,
  timeoutMs = RECOVERS_TIMEOUT_MS,
): Promise<void> => {
  for (
    const giveUpAt = performance.now() + timeoutMs;
    !(await condition().catch(() => false));
    await sleep(100)
  )
    if (performance.now() > giveUpAt) throw new Error('what the test waits for did not come');
};

export const chargeIdOf = (number: number): string => `T${String(number).padStart(4, '0')}`;

/**
 * Identity, ledger and gateway in this process, and a hospital that charges one visit through the
 * gateway.
 */
export class ThreeServices {
  private apiKey = '';

  private constructor(private readonly running: RunningServices) {}

  static async start({
    bus,
    databaseUrl,
    settings,
  }: {
    readonly bus: Bus;
    readonly databaseUrl: string;
    readonly settings?: Readonly<Record<string, string>>;
  }): Promise<ThreeServices> {
    const httpPort = await freePort();
    const url = `http://127.0.0.1:${httpPort}`;
    const running = await startServices({
      services: [identity, visitLedger, gateway],
      topics: topics.map((topic) => ({ ...topic, partitions: 2 })),
      bus,
      databaseUrl: () => databaseUrl,
      env: {
        HTTP_PORT: String(httpPort),
        GATEWAY_MLLP_PORT: '0',
        IDENTITY_URL: url,
        CREDIT_URL: url,
        VISIT_LEDGER_URL: url,
        VISIT_LEDGER_EVENT_KEYS: TWIN_KEYS_TEXT,
        ...twinBusSettings(),
        NOTIFICATION_URL: url,
        PAYMENT_URL: url,
        LOG_LEVEL: 'silent',
        HTTP_RESPONSE_CHECK: 'true',
        IDENTITY_MASTER_KEY: 'ab'.repeat(32),
        GATEWAY_SEALING_KEY: Buffer.alloc(32, 7).toString('base64'),
        // Never asked: no one opens the service here.
        IDENTITY_PUBLIC_DATA_URL: url,
        IDENTITY_PUBLIC_DATA_SECRET: 'ab'.repeat(32),
        IDENTITY_CENTRE_URL: url,
        IDENTITY_CENTRE_SECRET: 'ab'.repeat(32),
        IDENTITY_SHARED_DATA_URL: url,
        IDENTITY_SHARED_DATA_SECRET: 'ab'.repeat(32),
        ...settings,
      },
    });
    return new ThreeServices(running);
  }

  stop(): Promise<void> {
    return this.running.stop();
  }

  async ask(
    method: string,
    path: string,
    {
      body,
      headers = {},
    }: { readonly body?: unknown; readonly headers?: Record<string, string> } = {},
  ): Promise<Answer> {
    const response = await fetch(`${this.running.url}${path}`, {
      method,
      headers: { 'content-type': 'application/json', ...headers },
      signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: text.startsWith('{') ? JSON.parse(text) : text };
  }

  hospital(institutionId: string): Promise<Answer> {
    return this.ask('PUT', `/identity/institutions/${institutionId}`, {
      body: { name: `Hospital ${institutionId}`, level: 'level-3' },
    });
  }

  patient(): Promise<Answer> {
    const email = 'a@mail.example';
    return this.ask('POST', '/identity/persons', { body: { ...PATIENT, email } });
  }

  /** Registers hospital and patient, and opens the visit. */
  async open(): Promise<void> {
    const registered = await this.hospital('HZ001');
    this.apiKey = registered.body.apiKey as string;
    const person = await this.patient();
    const opened = await this.post('/v1/visits', 'opening-V0001', {
      visitNumber: 'V0001',
      visitClass: 'outpatient',
      credential: { type: 'id-number', value: PATIENT.idNumber },
      startedAt: AT,
    });
    expect([registered.status, person.status, opened.status]).toEqual([201, 201, 202]);
  }

  /** The n-th charge, under the same key however often it is sent. */
  charge(number: number): Promise<Answer> {
    const chargeId = chargeIdOf(number);
    return this.post('/v1/visits/HZ001-V0001/charges', `charge-${chargeId}`, {
      charges: [
        {
          chargeId,
          itemCode: '110200001',
          quantity: '1',
          unitPriceYuan: '10.00',
          amountFen: 1000,
          occurredAt: AT,
        },
      ],
    });
  }

  /** Sends each until it is accepted, as its sender would. */
  async again(numbers: readonly number[]): Promise<void> {
    for (const number of numbers) await until(async () => (await this.charge(number)).status < 300);
  }

  async idle(): Promise<boolean> {
    for (const service of ['gateway', 'visit-ledger']) {
      const { status, body } = await this.ask('GET', `/${service}/backlog`);
      if (status !== 200 || Object.values(body as Record<string, number>).some((left) => left > 0))
        return false;
    }
    return true;
  }

  /** Charges that the visit's stream has taken up, each as often as it has. */
  async onTheLedger(): Promise<string[]> {
    const { events } = (
      await this.ask('GET', '/v1/visits/HZ001-V0001/history', { headers: this.key })
    ).body as { events: { type: string; data: { charge?: { chargeId: string } } }[] };
    return events
      .filter(({ type }) => type === 'ChargeWaiting')
      .map(({ data }) => data.charge!.chargeId)
      .sort();
  }

  private get key(): Record<string, string> {
    return { authorization: `Bearer ${this.apiKey}` };
  }

  private post(path: string, key: string, body: unknown): Promise<Answer> {
    return this.ask('POST', path, { body, headers: { ...this.key, 'idempotency-key': key } });
  }
}
