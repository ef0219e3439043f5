import { boundedText } from '@caretab/host';
import type { Clock } from '@caretab/kernel';
import { inSpan } from '@caretab/telemetry';
import {
  type CentreRegion,
  composed,
  faultOf,
  institutionOf,
  readAnswer,
  type ReadAnswer,
} from './envelope';
import { functions } from './functions';
import type { CentreFunction, InputOf, OutputOf } from './functions/function';
import { type Doubt, doubtsOf } from './identities';
import { gatewayHeaders } from './seal';
import { Sessions } from './sessions';
import { momentOf, msgidOf } from './times';

export interface CentreClientOptions {
  readonly url: string;
  readonly secret: string;
  readonly region: CentreRegion;
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly fetch: typeof globalThis.fetch;
}

export interface CentreMessage<Of extends CentreFunction> {
  readonly institutionId: string;
  /** The place of insurance, once it is known. */
  readonly insuplcAdmdvs?: string | undefined;
  readonly input: InputOf<Of>;
  /** Chosen before, where the message must be known again. */
  readonly msgid?: string | undefined;
}

/** How a message ended. `unknown`: the centre may have done it, or not. */
export type CentreReply<Output = Readonly<Record<string, unknown>>> =
  | { readonly status: 'answered'; readonly msgid: string; readonly output: Output }
  | {
      readonly status: 'refused';
      readonly msgid: string;
      readonly infcode: string;
      readonly reason: string;
    }
  | {
      readonly status: 'not-believed';
      readonly msgid: string;
      readonly doubts: readonly Doubt[];
      readonly kept: string;
    }
  | { readonly status: 'not-sent'; readonly msgid: string; readonly doubts: readonly Doubt[] }
  | { readonly status: 'unknown'; readonly msgid: string; readonly why: string };

/** `output`(40000) of four bytes each, and what is around it. */
const ANSWER_BYTES_MAX = 262_144;
const INPUT_LENGTH_MAX = 40_000;
/** The centre's own gateway refuses by these before anything is done. */
const REFUSED_STATUSES = [400, 401, 403, 404, 413];

/**
 * Speaks with a region's centre: one message, one answer, checked. It signs in at the first message
 * of an institution and again each day, and repeats nothing by itself.
 */
export class CentreClient {
  private readonly sessions: Sessions;
  private serial = 0;

  constructor(private readonly options: CentreClientOptions) {
    this.sessions = new Sessions(options.clock, (institutionId) => this.signIn(institutionId));
  }

  /** An id for a message of an institution; 10,000 a second are distinct. */
  msgidFor(institutionId: string): string {
    return msgidOf(this.codeOf(institutionId), this.options.clock.now(), this.serial++);
  }

  /** `fixmedins_code` of an institution. */
  codeOf(institutionId: string): string {
    return institutionOf(this.options.region, institutionId).code;
  }

  async ask<Of extends CentreFunction>(
    asked: Of,
    message: CentreMessage<Of>,
  ): Promise<CentreReply<OutputOf<Of>>> {
    const msgid = message.msgid ?? this.msgidFor(message.institutionId);
    const wrong = faultOf(asked.input, message.input) ?? this.tooLong(message.input);
    if (wrong) return { status: 'not-sent', msgid, doubts: [wrong] };
    const signNo = await this.sessions.signNoOf(message.institutionId);
    if (signNo === undefined) return { ...notSignedIn, msgid };
    const reply = await this.send(asked, { ...message, msgid, signNo });
    if (reply.status === 'refused') this.sessions.doubt(message.institutionId);
    return { ...reply, msgid } as CentreReply<OutputOf<Of>>;
  }

  /** Signs out wherever it is signed in. */
  async stop(): Promise<void> {
    const opter_no = this.options.region.operator.no;
    const ended = await this.sessions.end();
    await Promise.all(
      ended.map(([institutionId, sign_no]) =>
        this.send(functions.signOut, {
          ...{ institutionId, signNo: sign_no, msgid: this.msgidFor(institutionId) },
          input: { signOut: { sign_no, opter_no } },
        }),
      ),
    );
  }

  private async signIn(institutionId: string): Promise<string | undefined> {
    const { no, ip } = this.options.region.operator;
    const reply = await this.send(functions.signIn, {
      ...{ institutionId, msgid: this.msgidFor(institutionId) },
      input: { signIn: { opter_no: no, mac: '', ip } },
    });
    return reply.status === 'answered'
      ? (reply.output as OutputOf<typeof functions.signIn>).signinoutb.sign_no
      : undefined;
  }

  private tooLong(input: object): Doubt | undefined {
    return JSON.stringify(input).length > INPUT_LENGTH_MAX
      ? { code: 'MALFORMED', field: '/input', why: `is longer than ${INPUT_LENGTH_MAX}` }
      : undefined;
  }

  private async send(
    { infno, output }: CentreFunction,
    message: Omit<Parameters<typeof composed>[0], 'infno' | 'infTime'>,
  ): Promise<ReadAnswer | { readonly status: 'unknown'; readonly why: string }> {
    const { url, secret, region, timeoutMs, clock, fetch } = this.options;
    const now = clock.now();
    const body = composed({ ...message, infno, infTime: momentOf(now) }, region, secret);
    let text: string;
    try {
      const response = await inSpan(`centre ${infno}`, { kind: 'client' }, () =>
        fetch(url, {
          ...{ method: 'POST', body, redirect: 'manual', signal: AbortSignal.timeout(timeoutMs) },
          headers: {
            'content-type': 'application/json',
            ...gatewayHeaders({ accessKey: region.accessKey, secret }, now),
          },
        }),
      );
      text = await boundedText(response, ANSWER_BYTES_MAX);
      if (REFUSED_STATUSES.includes(response.status))
        return { status: 'refused', infcode: String(response.status), reason: '' };
      if (!response.ok) return { status: 'unknown', why: `HTTP_${response.status}` };
    } catch (error) {
      return { status: 'unknown', why: error instanceof Error ? error.name : 'BROKEN' };
    }
    return this.believed(infno, message.input, text, output);
  }

  private believed(
    infno: string,
    input: object,
    text: string,
    output: CentreFunction['output'],
  ): ReadAnswer | { readonly status: 'unknown'; readonly why: string } {
    const { secret, region } = this.options;
    try {
      const read = readAnswer(text, output, {
        ...{ secret, isSigned: region.answersSigned },
      });
      if (read.status !== 'answered') return read;
      const doubts = doubtsOf(infno, input as Record<string, unknown>, read.output);
      return doubts.length > 0 ? { status: 'not-believed', doubts, kept: text } : read;
    } catch (error) {
      if (error instanceof SyntaxError) return { status: 'unknown', why: 'NO_JSON' };
      throw error;
    }
  }
}

const notSignedIn = {
  status: 'not-sent',
  doubts: [{ code: 'MALFORMED', field: '/sign_no', why: 'the centre did not sign us in (9001)' }],
} as const;
