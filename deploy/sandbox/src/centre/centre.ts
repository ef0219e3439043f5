import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import {
  isLetIn,
  isSealed,
  momentOf,
  nodeTextOf,
  sealOf,
  SIGN_TYPE,
  stampOf,
} from '@caretab/centre';
import { answerJson, bodyOf } from '../http-server';
import { Journal } from '../journal';
import { CentreBook, type CentreCall, type SandboxSettlement, type Taken } from './centre-book';
import { certnoOf, entitled, insured } from './persons';

type Entry =
  { readonly certno: string; readonly behaviour: string } | { readonly call: CentreCall };
type Data = Readonly<Record<string, any>>;

export interface CentreSandbox {
  /** Answers a request under `/centre/`. */
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
  /** What is settled at the centre, whatever it answered. */
  settlements(): readonly SandboxSettlement[];
  /** The next messages of a function go so, each once, in this order. */
  behave(infno: string, behaviours: readonly string[]): void;
  stop(): Promise<void>;
}

const PREFIX = '/centre/';
export const CENTRE_ACCESS_KEY = 'caretab';
/** More than anyone should read. */
const LONG_BYTES = 1_000_000;
const DELAY_MS_MAX = 60_000;
const SUMS = ['fund_pay_sumamt', 'hifp_pay'];
/** With these the centre does nothing. */
const UNDONE = ['silent', 'dropped', 'error', 'error-once', 'refused', 'endless'];

/** The first settlement of an output with a fund of one fen more or less than its parts. */
const withWrongSum = (output: Data): object => {
  const one: Data = [output['setlinfo']].flat()[0] ?? {};
  const [name] = SUMS;
  return { ...output, setlinfo: { ...one, [name!]: `${Number(one[name!] ?? 0) + 0.01}` } };
};

interface CentreOptions {
  readonly secret: string;
  readonly now: () => Date;
  readonly journal: Journal<Entry>;
}

/** The centre in small; what it knows is in its book. */
class Centre implements CentreSandbox {
  private readonly book = new CentreBook();
  private readonly known = new Map<string, string>();
  private readonly failed = new Set<string>();
  private readonly next = new Map<string, string[]>();

  constructor(private readonly options: CentreOptions) {
    for (const entry of options.journal.earlier)
      if ('call' in entry) this.book.take(entry.call);
      else this.known.set(entry.certno, entry.behaviour);
  }

  settlements(): readonly SandboxSettlement[] {
    return this.book.settlements();
  }

  behave(infno: string, behaviours: readonly string[]): void {
    this.next.set(infno, [...behaviours]);
  }

  stop(): Promise<void> {
    return this.options.journal.close();
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await bodyOf(request);
    const [resource = '', id = ''] = (request.url ?? '/').slice(PREFIX.length).split('/');
    if (body === undefined) return answerJson(response, 413, { code: 'REQUEST_TOO_LARGE' });
    if (request.method === 'GET' && resource === 'settlements')
      return answerJson(response, 200, { settlements: this.settlements() });
    if (request.method === 'PUT' && resource === 'persons' && id) {
      await this.register(id, (JSON.parse(body) as { readonly behaviour: string }).behaviour);
      return void response.writeHead(204).end();
    }
    if (request.method === 'PUT' && resource === 'functions' && id) {
      this.behave(id, (JSON.parse(body) as { readonly behaviours: string[] }).behaviours);
      return void response.writeHead(204).end();
    }
    if (request.method !== 'POST' || resource !== 'calls')
      return answerJson(response, 404, { code: 'ROUTE_UNKNOWN' });
    await this.called(body, request.headers, response);
  }

  private async register(certno: string, behaviour: string): Promise<void> {
    const { journal } = this.options;
    this.known.set(certno, behaviour);
    journal.append({ certno, behaviour });
    await journal.synced();
  }

  private async called(body: string, headers: Data, response: ServerResponse): Promise<void> {
    const { secret, now } = this.options;
    const said = JSON.parse(body) as Data;
    if (!isLetIn(headers, { accessKey: CENTRE_ACCESS_KEY, secret }))
      return answerJson(response, 401, { code: 401, message: 'signature mismatch' });
    if (!isSealed(secret, nodeTextOf(body, 'input') ?? '', said['cainfo']))
      return answerJson(response, 401, { code: 401, message: 'cainfo' });
    const { infno, msgid, fixmedins_code: fixmedinsCode, input, sign_no: signNo } = said;
    if (infno !== '9001' && signNo !== `SIGN-${String(fixmedinsCode)}`)
      return this.say(response, { refused: '未签到' }, 'ok');
    const whose = [input['data'] ?? input['mdtrtinfo'] ?? input['feedetail'] ?? {}].flat()[0] ?? {};
    const certno = infno === '1101' ? whose['certno'] : certnoOf(whose['psn_no'] ?? '');
    const behaviour = this.behaviourOf(infno, certno);
    if (UNDONE.includes(behaviour)) return this.fail(response, behaviour);
    const call = { infno, msgid, fixmedinsCode, at: momentOf(now()), input };
    const taken = await this.take(call, certno, behaviour);
    if (behaviour === 'doubled') await this.take(call, certno, behaviour);
    if (behaviour === 'lost') return void response.destroy();
    if (behaviour === 'error-done') return answerJson(response, 500, { infcode: -1 });
    const late = /^late-(\d{1,5})$/.exec(behaviour);
    if (late) await wait(Math.min(Number(late[1]), DELAY_MS_MAX));
    this.say(response, taken, behaviour);
  }

  private async take(call: CentreCall, certno: string, behaviour: string): Promise<Taken> {
    const { infno, fixmedinsCode, at: sign_time, input } = call;
    if (infno === '9001')
      return { output: { signinoutb: { sign_time, sign_no: `SIGN-${fixmedinsCode}` } } };
    if (infno === '1101') return { output: insured(certno, behaviour) };
    if (infno === '2001') return { output: entitled(input['data']?.['psn_no'] ?? '', behaviour) };
    this.options.journal.append({ call });
    await this.options.journal.synced();
    return this.book.take(call);
  }

  private behaviourOf(infno: string, certno: string): string {
    const behaviour = this.next.get(infno)?.shift() ?? this.known.get(certno) ?? 'ok';
    if (behaviour !== 'error-once') return behaviour;
    if (this.failed.has(certno)) return 'ok';
    this.failed.add(certno);
    return behaviour;
  }

  private fail(response: ServerResponse, behaviour: string): void {
    if (behaviour === 'silent') return;
    if (behaviour === 'dropped') return void response.destroy();
    if (behaviour === 'endless')
      return answerJson(response, 200, { infcode: 0, output: 'x'.repeat(LONG_BYTES) });
    if (behaviour === 'refused')
      return this.say(response, { refused: '业务校验不通过' }, behaviour);
    answerJson(response, 500, { infcode: -1, err_msg: 'busy' });
  }

  private say(response: ServerResponse, taken: Taken, behaviour: string): void {
    const { secret, now } = this.options;
    const times = { refmsg_time: stampOf(now()), respond_time: stampOf(now()) };
    if ('refused' in taken)
      return answerJson(response, 200, { infcode: -1, err_msg: taken.refused, ...times });
    const said = behaviour === 'wrong-sum' ? withWrongSum(taken.output as Data) : taken.output;
    const output = JSON.stringify(said);
    const cainfo = sealOf(behaviour === 'forged' ? 'of another' : secret, output);
    const head = { infcode: 0, inf_refmsgid: `330100${times.respond_time}`, ...times };
    const text = JSON.stringify({ ...head, err_msg: '', cainfo, signtype: SIGN_TYPE });
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(`${text.slice(0, -1)},"output":${output}}`);
  }
}

/** Opens the centre in small; `secret` signs what goes both ways. */
export const openCentre = async ({
  secret,
  journalFile,
  now = () => new Date(),
}: {
  readonly secret: string;
  readonly journalFile?: string;
  readonly now?: () => Date;
}): Promise<CentreSandbox> =>
  new Centre({ secret, now, journal: await Journal.open<Entry>(journalFile) });
