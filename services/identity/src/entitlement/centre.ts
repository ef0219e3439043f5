import { type CentreClient, type CentreReply, functions, type OutputOf } from '@caretab/centre';
import {
  type Entitlement,
  flawsOf,
  Entitlement as EntitlementSchema,
  type VisitClass,
} from '@caretab/contracts';
import type { Clock } from '@caretab/kernel';
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
  readonly client: CentreClient;
  readonly clock: Clock;
  readonly rules: {
    readonly medTypes: Readonly<Record<VisitClass, string>>;
    readonly insuranceTypes: readonly string[];
  };
}

type Insurance = OutputOf<typeof functions.person>['insuinfo'][number] & {
  readonly psn_no: string;
};
type Treatments = OutputOf<typeof functions.entitlement>['trtinfo'];
class Contradiction extends Error {}

const BY_ID_CARD = '02';
const ID_CARD = '01';
const INSURED = '1';
const REASON_LENGTH_MAX = 60;

const dayOf = (value: string | undefined): string | undefined =>
  value === undefined || value === '' ? undefined : value.slice(0, 10);

/** What was answered; what is not believed is a contradiction, and all else is no answer. */
const outputOf = <Output>(reply: CentreReply<Output>): Output => {
  if (reply.status === 'answered') return reply.output;
  if (reply.status !== 'not-believed') throw new Error('The centre did not answer');
  const code = reply.doubts[0]?.code ?? 'MALFORMED';
  const reasons: Readonly<Record<string, string>> = {
    OF_ANOTHER: 'PERSON_DIFFERS',
    SIGNATURE_WRONG: 'SIGNATURE_WRONG',
  };
  throw new Contradiction(reasons[code] ?? 'ANSWER_MALFORMED');
};

/** Asks the centre by 1101 and 2001 who is entitled. */
export class Centre {
  constructor(private readonly options: CentreOptions) {}

  async ask(question: CentreQuestion): Promise<CentreAnswer> {
    const { client, rules } = this.options;
    try {
      const insured = await this.insured(question);
      const { careDate, institutionId, visitClass } = question;
      const reply = await client.ask(functions.entitlement, {
        ...{ institutionId, insuplcAdmdvs: insured.insuplc_admdvs },
        input: {
          data: {
            ...{ psn_no: insured.psn_no, insutype: insured.insutype },
            ...{ fixmedins_code: client.codeOf(institutionId), begntime: `${careDate} 00:00:00` },
            med_type: rules.medTypes[visitClass],
          },
        },
      });
      const { trtinfo } = outputOf(reply);
      return this.read(insured, trtinfo, { careDate, msgid: reply.msgid });
    } catch (error) {
      if (error instanceof Contradiction) return { status: 'contradiction', reason: error.message };
      return { status: 'no-answer' };
    }
  }

  /** 1101: the insurance of the person that a basic plan is of; one that is in force first. */
  private async insured({ idNumber, name, institutionId }: CentreQuestion): Promise<Insurance> {
    const reply = await this.options.client.ask(functions.person, {
      institutionId,
      input: {
        data: {
          ...{ mdtrt_cert_type: BY_ID_CARD, mdtrt_cert_no: idNumber },
          ...{ psn_cert_type: ID_CARD, certno: idNumber, psn_name: name },
        },
      },
    });
    const { baseinfo, insuinfo } = outputOf(reply);
    if (baseinfo.certno !== idNumber) throw new Contradiction('PERSON_DIFFERS');
    const { insuranceTypes } = this.options.rules;
    const known = insuinfo.filter(({ insutype }) => insuranceTypes.includes(insutype));
    const found = known.find((row) => row.psn_insu_stas === INSURED) ?? known[0];
    // Who has no basic insurance at all is asked about no further.
    if (!found) throw new Contradiction('INSURANCE_UNKNOWN');
    return { ...found, psn_no: baseinfo.psn_no };
  }

  private read(
    insured: Insurance,
    rows: Treatments,
    { careDate, msgid }: { readonly careDate: string; readonly msgid: string },
  ): CentreAnswer {
    if (rows.some((row) => row.psn_no !== undefined && row.psn_no !== insured.psn_no))
      throw new Contradiction('PERSON_DIFFERS');
    const isGood = (row: Treatments[number]): boolean =>
      row.trt_enjymnt_flag === '1' &&
      (dayOf(row.begndate) ?? careDate) <= careDate &&
      careDate <= (dayOf(row.enddate) ?? careDate);
    const row = rows.find(isGood) ?? rows[0];
    if (!row) throw new Contradiction('TREATMENT_UNKNOWN');
    const [from, until] = [dayOf(row.begndate), dayOf(row.enddate)];
    const said = {
      insuranceType: insured.insutype,
      insuredStatus: insured.psn_insu_stas,
      insuredPlace: insured.insuplc_admdvs,
      entitled: row.trt_enjymnt_flag === '1',
      ...(from !== undefined && { from }),
      ...(until !== undefined && { until }),
      msgid,
      answeredAt: this.options.clock.now().toISOString(),
    };
    const reason = (row.trt_chk_rslt ?? '').slice(0, REASON_LENGTH_MAX);
    const entitlement = !said.entitled && reason !== '' ? { ...said, reason } : said;
    if (!Value.Check(EntitlementSchema, said) || flawsOf(EntitlementSchema, said).length > 0)
      throw new Contradiction('ANSWER_MALFORMED');
    // A reason that holds a number of a person is left out.
    const isClean = flawsOf(EntitlementSchema, entitlement).length === 0;
    return { status: 'answered', entitlement: isClean ? entitlement : said };
  }
}
