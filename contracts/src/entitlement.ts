import { type Static, Type } from '@sinclair/typebox';
import { FreeText } from './free-text';
import { BusinessDate, Instant } from './schemas';

/**
 * What the centre of medical security answered about one person for one visit (national interface:
 * 1101, then 2001). Insured is not entitled: who pays on may still be in a waiting time.
 */
export const Entitlement = Type.Object(
  {
    insuranceType: Type.String({
      pattern: '^\\d{3}$',
      description: 'insutype: 310 employee, 390 urban-rural resident …',
    }),
    insuredStatus: Type.String({
      pattern: '^\\d{1,2}$',
      description: 'psn_insu_stas of 1101: 1 insured; any other is not, such as 2',
    }),
    insuredPlace: Type.String({ pattern: '^\\d{6}$', description: 'insuplc_admdvs of 1101' }),
    entitled: Type.Boolean({ description: 'trt_enjymnt_flag of 2001: 1 is true' }),
    from: Type.Optional({ ...BusinessDate, description: 'begndate of 2001, inclusive' }),
    until: Type.Optional({ ...BusinessDate, description: 'enddate of 2001, inclusive' }),
    reason: Type.Optional({
      ...FreeText({ minLength: 1, maxLength: 60 }),
      description: 'trt_chk_rslt of 2001: why not, in the words of the centre',
    }),
    msgid: Type.String({
      pattern: '^[A-Za-z0-9_-]{8,40}$',
      description: 'The id of the message that asked 2001',
    }),
    answeredAt: { ...Instant, description: 'When the centre answered; of the day of the visit' },
  },
  { additionalProperties: false },
);
export type Entitlement = Static<typeof Entitlement>;

/** Why the basic insurance pays nothing for a visit. */
export const WITHHELD = ['NOT_INSURED', 'NOT_ENTITLED', 'ENTITLEMENT_UNANSWERED'] as const;
export type WithheldReason = (typeof WITHHELD)[number];

const INSURED = '1';

/** Why a person is not entitled on a day (YYYY-MM-DD); undefined where they are. */
export const withheldBy = (
  { insuredStatus, entitled, from, until }: Entitlement,
  day: string,
): WithheldReason | undefined => {
  if (insuredStatus !== INSURED) return 'NOT_INSURED';
  const isThen = (from ?? day) <= day && day <= (until ?? day);
  return entitled && isThen ? undefined : 'NOT_ENTITLED';
};
