import { createHmac } from 'node:crypto';
import {
  type Entitlement,
  flawsOf,
  Entitlement as EntitlementSchema,
  type VisitClass,
} from '@caretab/contracts';
import { boundedText } from '@caretab/host';
import type { Clock } from '@caretab/kernel';
import { inSpan } from '@caretab/telemetry';
import { Value } from '@sinclair/typebox/value';

/** Whom the centre is asked about, and for what. */
export interface CentreQuestion {
  readonly visitId: string;
  readonly institutionId: string;
  readonly careDate: string;
  readonly visitClass: VisitClass;
  readonly idNumber: string;
  readonly name: string;
}

/** `contradiction`: it spoke of another, or against itself. */
export type CentreAnswer =
  | { readonly status: 'answered'; readonly entitlement: Entitlement }
  | { readonly status: 'no-answer' }
  | { readonly status: 'contradiction'; readonly reason: string };

export interface CentreOptions {
  readonly url: string;
  /** Signs questions: HMAC-SHA256 in hex. */
  readonly secret: string;
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly fetch: typeof globalThis.fetch;
  readonly rules: {
    readonly medTypes: Readonly<Record<VisitClass, string>>;
    readonly insuranceTypes: readonly string[];
  };
}

type Output = Readonly<Record<string, unknown>>;
class Contradiction extends Error {}

const ANSWER_BYTES_MAX = 65_536;
const BY_ID_CARD = '02';
const ID_CARD = '01';
const INSURED = '1';
const REASON_LENGTH_MAX = 60;

const rowsOf = (output: Output, name: string): readonly Output[] => {
  const rows = output[name];
  return Array.isArray(rows) ? rows.filter((row) => row !== null && typeof row === 'object') : [];
};
const dayOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value.slice(0, 10) : undefined;

/**
 * The centre over HTTP: `POST <url>` with the national envelope (`infno`, `msgid`, `fixmedins_code`,
 * `input`), signed by the header `caretab-signature` over the body. What is late, cut off, too long or
 * an error is no answer; what speaks of another person or against itself is a contradiction.
 */
export class CentreGateway {
  constructor(private readonly options: CentreOptions) {}

  async ask(question: CentreQuestion): Promise<CentreAnswer> {
    try {
      const insured = await this.insured(question);
      const { careDate, institutionId, visitClass } = question;
      const msgid = this.msgidOf(institutionId);
      const output = await this.call('2001', msgid, institutionId, {
        data: {
          ...{ psn_no: insured['psn_no'], insutype: insured['insutype'] },
          ...{ fixmedins_code: institutionId, begntime: `${careDate} 00:00:00` },
          med_type: this.options.rules.medTypes[visitClass],
        },
      });
      return this.read(insured, output, { careDate, msgid });
    } catch (error) {
      if (error instanceof Contradiction) return { status: 'contradiction', reason: error.message };
      return { status: 'no-answer' };
    }
  }

  /** 1101: the insurance of the person that a basic plan is of; one that is in force first. */
  private async insured({ idNumber, name, institutionId }: CentreQuestion): Promise<Output> {
    const output = await this.call('1101', this.msgidOf(institutionId), institutionId, {
      data: {
        ...{ mdtrt_cert_type: BY_ID_CARD, mdtrt_cert_no: idNumber },
        ...{ psn_cert_type: ID_CARD, certno: idNumber, psn_name: name },
      },
    });
    const base = (output['baseinfo'] ?? {}) as Output;
    if (base['certno'] !== idNumber || typeof base['psn_no'] !== 'string')
      throw new Contradiction('PERSON_DIFFERS');
    const { insuranceTypes } = this.options.rules;
    const known = rowsOf(output, 'insuinfo').filter(({ insutype }) =>
      insuranceTypes.includes(String(insutype)),
    );
    const found = known.find((row) => String(row['psn_insu_stas']) === INSURED) ?? known[0];
    // Who has no basic insurance at all is asked about no further.
    if (!found) throw new Contradiction('INSURANCE_UNKNOWN');
    return { ...found, psn_no: base['psn_no'] };
  }

  private read(
    insured: Output,
    output: Output,
    { careDate, msgid }: { readonly careDate: string; readonly msgid: string },
  ): CentreAnswer {
    const rows = rowsOf(output, 'trtinfo');
    if (rows.some((row) => row['psn_no'] !== undefined && row['psn_no'] !== insured['psn_no']))
      throw new Contradiction('PERSON_DIFFERS');
    const isGood = (row: Output): boolean =>
      String(row['trt_enjymnt_flag']) === '1' &&
      (dayOf(row['begndate']) ?? careDate) <= careDate &&
      careDate <= (dayOf(row['enddate']) ?? careDate);
    const row = rows.find(isGood) ?? rows[0];
    if (!row) throw new Contradiction('TREATMENT_UNKNOWN');
    const [from, until] = [dayOf(row['begndate']), dayOf(row['enddate'])];
    const said = {
      insuranceType: String(insured['insutype']),
      insuredStatus: String(insured['psn_insu_stas']),
      insuredPlace: String(insured['insuplc_admdvs']),
      entitled: String(row['trt_enjymnt_flag']) === '1',
      ...(from !== undefined && { from }),
      ...(until !== undefined && { until }),
      msgid,
      answeredAt: this.options.clock.now().toISOString(),
    };
    const reason = String(row['trt_chk_rslt'] ?? '').slice(0, REASON_LENGTH_MAX);
    const entitlement = !said.entitled && reason !== '' ? { ...said, reason } : said;
    if (!Value.Check(EntitlementSchema, said) || flawsOf(EntitlementSchema, said).length > 0)
      throw new Contradiction('ANSWER_MALFORMED');
    // A reason that holds a number of a person is left out.
    const isClean = flawsOf(EntitlementSchema, entitlement).length === 0;
    return { status: 'answered', entitlement: isClean ? entitlement : said };
  }

  /** The institution, the moment, and a number: 30 characters at most, as the interface has it. */
  private msgidOf(institutionId: string): string {
    const moment = this.options.clock.now().toISOString().replace(/\D/g, '').slice(0, 17);
    return `${institutionId.slice(0, 12)}${moment}${String(this.count++ % 10)}`;
  }
  private count = 0;

  private async call(
    infno: '1101' | '2001',
    msgid: string,
    institutionId: string,
    input: object,
  ): Promise<Output> {
    const { url, secret, timeoutMs, clock, fetch } = this.options;
    const body = JSON.stringify({
      ...{ infno, msgid, inf_time: clock.now().toISOString() },
      ...{ fixmedins_code: institutionId, input },
    });
    const response = await inSpan(`centre ${infno}`, { kind: 'client' }, () =>
      fetch(url, {
        method: 'POST',
        body,
        redirect: 'manual',
        signal: AbortSignal.timeout(timeoutMs),
        headers: {
          'content-type': 'application/json',
          'caretab-signature': createHmac('sha256', secret).update(body).digest('hex'),
        },
      }),
    );
    const text = await boundedText(response, ANSWER_BYTES_MAX);
    const said = JSON.parse(text) as { readonly infcode?: unknown; readonly output?: unknown };
    if (!response.ok || said.infcode !== 0) throw new Error(`The centre did not answer ${infno}`);
    return (said.output ?? {}) as Output;
  }
}
