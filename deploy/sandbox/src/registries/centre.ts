import { createHmac } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { answerJson, bodyOf } from '../http-server';
import { Journal } from '../journal';

interface Behaving {
  readonly certno: string;
  readonly behaviour: string;
}

export interface CentreSandbox {
  /** Answers a request under `/centre/`. */
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
  stop(): Promise<void>;
}

const PREFIX = '/centre/';
/** More than anyone should read. */
const LONG_BYTES = 1_000_000;
const HANGZHOU = '330100';

/** Its own number of a person, from which it knows the person again. */
const psnNoOf = (certno: string): string => `33${Buffer.from(certno).toString('hex')}`;
const certnoOf = (psnNo: string): string => Buffer.from(psnNo.slice(2), 'hex').toString();

/**
 * The centre of medical security in small: `POST /centre/calls` `{infno, msgid, fixmedins_code,
 * input}`, signed by `caretab-signature`. 1101 answers who is insured, 2001 who is entitled. Everyone
 * is both, but for whom `PUT /centre/persons/<certno>` `{behaviour}` says otherwise: `not-insured` ·
 * `not-entitled` · `silent` · `error-once`: 500 at first · `another`: it speaks of another person ·
 * `endless`: an answer without an end. `secret` signs questions.
 */
export const openCentre = async ({
  secret,
  journalFile,
}: {
  readonly secret: string;
  readonly journalFile?: string;
}): Promise<CentreSandbox> => {
  const journal = await Journal.open<Behaving>(journalFile);
  const known = new Map(journal.earlier.map((one) => [one.certno, one.behaviour]));
  const failed = new Set<string>();

  const answer = (response: ServerResponse, output: object): void =>
    answerJson(response, 200, { infcode: 0, err_msg: '', output });

  const insured = (certno: string, behaviour: string): object => ({
    baseinfo: {
      psn_no: psnNoOf(certno),
      psn_cert_type: '01',
      certno: behaviour === 'another' ? '110105194912310021' : certno,
    },
    insuinfo: [
      {
        ...{ insutype: '390', psn_type: '15', insuplc_admdvs: HANGZHOU },
        psn_insu_stas: behaviour === 'not-insured' ? '2' : '1',
      },
    ],
  });
  const entitled = (psnNo: string, behaviour: string): object => ({
    trtinfo: [
      behaviour === 'not-entitled'
        ? {
            ...{ psn_no: psnNo, fund_pay_type: '390100', trt_enjymnt_flag: '0' },
            ...{ begndate: '', enddate: '', trt_chk_rslt: '待遇等待期' },
          }
        : {
            ...{ psn_no: psnNo, fund_pay_type: '390100', trt_enjymnt_flag: '1' },
            ...{ begndate: '2020-01-01', enddate: '2099-12-31', trt_chk_rslt: '' },
          },
    ],
  });

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await bodyOf(request);
    const [resource = '', id] = (request.url ?? '/').slice(PREFIX.length).split('/');
    if (body === undefined) return answerJson(response, 413, { code: 'REQUEST_TOO_LARGE' });
    if (request.method === 'PUT' && resource === 'persons' && id) {
      const { behaviour } = JSON.parse(body) as { readonly behaviour: string };
      known.set(id, behaviour);
      journal.append({ certno: id, behaviour });
      await journal.synced();
      return void response.writeHead(204).end();
    }
    if (request.method !== 'POST' || resource !== 'calls')
      return answerJson(response, 404, { code: 'ROUTE_UNKNOWN' });
    const expected = createHmac('sha256', secret).update(body).digest('hex');
    if (request.headers['caretab-signature'] !== expected)
      return answerJson(response, 401, { infcode: -1, err_msg: 'signature' });
    const { infno, input } = JSON.parse(body) as {
      readonly infno?: string;
      readonly input?: { readonly data?: Readonly<Record<string, string>> };
    };
    const { certno = '', psn_no: psnNo = '' } = input?.data ?? {};
    const whose = infno === '1101' ? certno : certnoOf(psnNo);
    const behaviour = known.get(whose) ?? 'entitled';
    if (behaviour === 'silent') return;
    if (behaviour === 'endless')
      return answerJson(response, 200, { infcode: 0, output: 'x'.repeat(LONG_BYTES) });
    if (behaviour === 'error-once' && !failed.has(whose)) {
      failed.add(whose);
      return answerJson(response, 500, { infcode: -1, err_msg: 'busy' });
    }
    if (infno === '1101') return answer(response, insured(whose, behaviour));
    if (infno === '2001') return answer(response, entitled(psnNo, behaviour));
    answerJson(response, 200, { infcode: -1, err_msg: 'infno' });
  };
  return { handle, stop: () => journal.close() };
};
