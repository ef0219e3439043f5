import { type TObject, type TSchema, Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { nodeTextOf, readExact } from './exact-json';
import { Code, Id, may, node, Text } from './fields';
import type { Doubt } from './identities';
import { isSealed, sealOf, SIGN_TYPE } from './seal';

/** How a region's centre is spoken to: its file. */
export const CentreRegion = Type.Object(
  {
    /** 就医地 and, of a message without one of its own, 参保地. */
    mdtrtarea_admvs: Type.String({ pattern: '^\\d{6}$' }),
    recer_sys_code: Type.String({ minLength: 1, maxLength: 10 }),
    /** By which the centre's gateway knows us; no secret. */
    accessKey: Type.String({ minLength: 1, maxLength: 64 }),
    infver: Type.String({ minLength: 1, maxLength: 6 }),
    operator: Type.Object({
      type: Type.Union([Type.Literal('1'), Type.Literal('2'), Type.Literal('3')]),
      no: Type.String({ minLength: 1, maxLength: 20 }),
      name: Type.String({ minLength: 1, maxLength: 50 }),
      ip: Type.String({ maxLength: 20 }),
    }),
    /** An answer without a right `cainfo` is not believed. */
    answersSigned: Type.Boolean(),
    /** By our own ids; one that is not listed goes by its id. */
    institutions: Type.Record(
      Type.String(),
      Type.Object({
        code: Type.String({ pattern: '^[A-Za-z0-9]{1,12}$' }),
        name: Type.String({ minLength: 1, maxLength: 20 }),
      }),
    ),
  },
  { additionalProperties: false },
);
export type CentreRegion = typeof CentreRegion.static;

/** The outer form of each message to the centre. */
export const RequestEnvelope = node({
  infno: Id(4),
  msgid: Id(30),
  mdtrtarea_admvs: Id(6),
  insuplc_admdvs: may(Text(6)),
  recer_sys_code: Id(10),
  dev_no: may(Text(100)),
  dev_safe_info: may(Text(2_000)),
  cainfo: may(Text(1_024)),
  signtype: may(Text(10)),
  infver: Id(6),
  opter_type: Code(3),
  opter: Id(30),
  opter_name: Text(50),
  inf_time: Text(19),
  fixmedins_code: Id(12),
  fixmedins_name: Text(20),
  sign_no: may(Text(30)),
  input: node({}),
});

/** The outer form of each answer. `cainfo` is there where the centre signs. */
export const AnswerEnvelope = node({
  infcode: Type.String({ pattern: '^-?\\d{1,6}$' }),
  inf_refmsgid: may(Text(30)),
  refmsg_time: may(Text(17)),
  respond_time: may(Text(17)),
  err_msg: may(Text(200)),
  cainfo: may(Text(1_024)),
  signtype: may(Text(10)),
  output: may(node({})),
});

export interface Composed {
  readonly infno: string;
  readonly msgid: string;
  readonly infTime: string;
  readonly institutionId: string;
  readonly insuplcAdmdvs?: string | undefined;
  readonly signNo?: string | undefined;
  readonly input: object;
}

export const institutionOf = ({ institutions }: CentreRegion, institutionId: string) =>
  institutions[institutionId] ?? {
    code: institutionId.slice(0, 12),
    name: institutionId.slice(0, 20),
  };

/** A message as it goes out; `input` is signed as it is written. */
export const composed = (message: Composed, region: CentreRegion, secret: string): string => {
  const { operator } = region;
  const { code, name } = institutionOf(region, message.institutionId);
  const input = JSON.stringify(message.input);
  const head = {
    ...{ infno: message.infno, msgid: message.msgid },
    mdtrtarea_admvs: region.mdtrtarea_admvs,
    insuplc_admdvs: message.insuplcAdmdvs ?? '',
    ...{ recer_sys_code: region.recer_sys_code, dev_no: '', dev_safe_info: '' },
    ...{ cainfo: sealOf(secret, input), signtype: SIGN_TYPE, infver: region.infver },
    ...{ opter_type: operator.type, opter: operator.no, opter_name: operator.name },
    ...{ inf_time: message.infTime, fixmedins_code: code, fixmedins_name: name },
    sign_no: message.signNo ?? '',
  };
  return `${JSON.stringify(head).slice(0, -1)},"input":${input}}`;
};

/** The first fault of a value, by its field; never with what it holds. */
export const faultOf = (schema: TSchema, value: unknown): Doubt | undefined => {
  const first = Value.Check(schema, value) ? undefined : Value.Errors(schema, value).First();
  return first && { code: 'MALFORMED', field: first.path, why: first.message };
};

export type ReadAnswer =
  | { readonly status: 'answered'; readonly output: Readonly<Record<string, unknown>> }
  /** The centre said no: nothing was done. */
  | { readonly status: 'refused'; readonly infcode: string; readonly reason: string }
  | { readonly status: 'not-believed'; readonly doubts: readonly Doubt[]; readonly kept: string };

const doubted = (kept: string, ...doubts: readonly Doubt[]): ReadAnswer => ({
  ...{ status: 'not-believed', doubts, kept },
});

const SUCCESS = '0';

/** Reads an answer: its form, its signature, and its output by the function's schema. */
export const readAnswer = (
  text: string,
  output: TObject,
  { secret, isSigned }: { readonly secret: string; readonly isSigned: boolean },
): ReadAnswer => {
  const said = readExact(text);
  const outer = faultOf(AnswerEnvelope, said);
  if (outer) return doubted(text, outer);
  const answer = said as typeof AnswerEnvelope.static;
  if (answer.infcode !== SUCCESS)
    return { status: 'refused', infcode: answer.infcode, reason: answer.err_msg ?? '' };
  const signed = nodeTextOf(text, 'output') ?? '';
  if (isSigned && !isSealed(secret, signed, answer.cainfo))
    return doubted(text, {
      ...{ code: 'SIGNATURE_WRONG', field: '/cainfo', why: 'does not sign the output' },
    });
  const inner = faultOf(output, answer.output ?? {});
  return inner
    ? doubted(text, { ...inner, field: `/output${inner.field}` })
    : { status: 'answered', output: answer.output ?? {} };
};
