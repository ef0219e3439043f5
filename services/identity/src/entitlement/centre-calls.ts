import {
  type CentreClient,
  type CentreReply,
  functionOf,
  functions,
  settlementsOf,
} from '@caretab/centre';
import type { identityRoutes, RouteAnswer, RouteInput } from '@caretab/contracts';
import { assert } from '@caretab/kernel';

type Call = RouteInput<typeof identityRoutes.callCentre>['body'];
type Answer = RouteAnswer<typeof identityRoutes.callCentre>;
type Said = Readonly<Record<string, unknown>>;

const BY_ID_CARD = '02';
const ID_CARD = '01';
const INSURED = '1';
const SETTLES = ['2207', '2304'];
/** Of `setlinfo`: what says nothing of who the person is. */
const KEPT = [
  ...['mdtrt_id', 'setl_id', 'insutype', 'setl_time', 'med_type', 'medfee_sumamt'],
  ...['fulamt_ownpay_amt', 'overlmt_selfpay', 'preselfpay_amt', 'inscp_scp_amt', 'act_pay_dedc'],
  ...['hifp_pay', 'pool_prop_selfpay', 'cvlserv_pay', 'hifes_pay', 'hifmi_pay', 'hifob_pay'],
  ...['maf_pay', 'oth_pay', 'fund_pay_sumamt', 'psn_part_amt', 'acct_pay', 'psn_cash_pay'],
  ...['hosp_part_amt', 'acct_mulaid_pay', 'medins_setl_id', 'clr_optins', 'clr_way', 'clr_type'],
  'refd_setl_flag',
];

const kept = (node: Said): Record<string, string> =>
  Object.fromEntries(
    KEPT.flatMap((name) => (typeof node[name] === 'string' ? [[name, node[name]]] : [])),
  );

/** The answer without who the person is, and without words of the centre that may say it. */
const answerOf = (reply: CentreReply): Answer => {
  const { msgid } = reply;
  if (reply.status === 'answered')
    return { status: 'answered', msgid, settlements: settlementsOf(reply.output).map(kept) };
  if (reply.status === 'refused') return { status: 'refused', msgid, infcode: reply.infcode };
  if (reply.status === 'unknown') return { status: 'unknown', msgid, why: reply.why };
  return { status: reply.status, msgid, doubts: [...reply.doubts] };
};

/** Sends what a service asks of the centre about a person whom it does not know by name. */
export class CentreCalls {
  constructor(
    private readonly client: CentreClient,
    private readonly insuranceTypes: readonly string[],
  ) {}

  async call(
    { institutionId, infno, stamp, undoes, data }: Call,
    { idNumber, name }: { readonly idNumber: string; readonly name: string },
  ): Promise<Answer> {
    const { client } = this;
    const asked = functionOf(infno);
    assert(asked, 'the contract names functions of the interface');
    const code = client.codeOf(institutionId);
    const known = await this.person(institutionId, idNumber, name);
    if (!('psn_no' in known)) return known;
    const { insuplcAdmdvs, insutype, psn_no } = known;
    const ofPerson = SETTLES.includes(infno)
      ? {
          ...{ insutype, mdtrt_cert_type: BY_ID_CARD, mdtrt_cert_no: idNumber },
          ...{ psn_cert_type: ID_CARD, certno: idNumber, psn_name: name },
        }
      : {};
    const omsgid = undoes === undefined ? {} : { omsgid: `${code}${undoes}` };
    const reply = await client.ask(asked, {
      ...{ institutionId, insuplcAdmdvs },
      input: { data: { ...data, ...omsgid, ...ofPerson, psn_no } },
      ...(stamp !== undefined && { msgid: `${code}${stamp}` }),
    });
    return answerOf(reply);
  }

  /** 1101; where it does not answer, the message itself was not sent. */
  private async person(
    institutionId: string,
    idNumber: string,
    name: string,
  ): Promise<
    { readonly psn_no: string; readonly insutype: string; readonly insuplcAdmdvs: string } | Answer
  > {
    const reply = await this.client.ask(functions.person, {
      institutionId,
      input: {
        data: {
          ...{ mdtrt_cert_type: BY_ID_CARD, mdtrt_cert_no: idNumber },
          ...{ psn_cert_type: ID_CARD, certno: idNumber, psn_name: name },
        },
      },
    });
    const { msgid } = reply;
    const notSent = (why: string): Answer => ({
      ...{ status: 'not-sent', msgid, doubts: [{ code: 'MALFORMED', field: '/sign_no', why }] },
    });
    if (reply.status !== 'answered') return notSent('the centre did not say who it is (1101)');
    const { baseinfo, insuinfo } = reply.output;
    const basic = insuinfo.filter(({ insutype }) => this.insuranceTypes.includes(insutype));
    const found = basic.find(({ psn_insu_stas }) => psn_insu_stas === INSURED) ?? basic[0];
    if (baseinfo.certno !== idNumber || !found) return notSent('1101 spoke of another, or of none');
    const { insutype, insuplc_admdvs: insuplcAdmdvs } = found;
    return { psn_no: baseinfo.psn_no, insutype, insuplcAdmdvs };
  }
}
