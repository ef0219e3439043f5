import type { InterfaceProfile } from '@caretab/contracts';
import type { SaidEntitlement } from '../intake/submission';
import type { Segment } from './segment';
import { instantOf } from './timestamp';

const DAY = /^\d{8}$/;
const dashed = (text: string): string => text.replace(/^(\d{4})(\d{2})(\d{2})$/, '$1-$2-$3');

/**
 * What the centre answered to 1101 and 2001, in the IN1 of an opening whose IN1-45 is filled, of a
 * hospital that forwards it. Any other IN1 is not read, as before.
 */
export const entitlementIn = (
  in1: Segment | undefined,
  { entitlement }: InterfaceProfile,
): SaidEntitlement | undefined => {
  if (!in1 || entitlement !== 'forwarded' || !in1.isFilled(45)) return undefined;
  const day = (field: number): string | undefined =>
    in1.isFilled(field) ? in1.required(field, DAY, 'a day, YYYYMMDD') : undefined;
  const entitled = in1.required(45, /^[01]$/, '1 (entitled) or 0, trt_enjymnt_flag of 2001');
  const insuranceType = in1.required(2, /^\d{3}$/, 'insutype of 1101, three digits');
  const insuredPlace = in1.required(3, /^\d{6}$/, 'insuplc_admdvs of 1101, six digits');
  const insuredStatus = in1.required(15, /^\d{1,2}$/, 'psn_insu_stas of 1101');
  const msgid = in1.required(14, /^[A-Za-z0-9_-]{8,40}$/, 'the msgid that asked 2001');
  const certno = in1.required(49, /^[0-9A-Za-z]{15,18}$/, 'certno of 1101');
  const text = in1.required(29, /^\d{12,14}/, 'when the centre answered, YYYYMMDDHHMM[SS][+ZZZZ]');
  const [from, until] = [day(12), day(13)];
  const answeredAt = text === undefined ? undefined : instantOf(text, in1.defaults.zone);
  if (text !== undefined && answeredAt === undefined)
    in1.faults.add(in1.name(29), 'TIME_INVALID', 'this is not a moment', 'send YYYYMMDDHHMMSS');
  if (!insuranceType || !insuredPlace || !insuredStatus || !msgid || !answeredAt) return undefined;
  return {
    ...{ insuranceType, insuredPlace, insuredStatus, msgid, answeredAt, certno },
    ...(from && { from: dashed(from) }),
    ...(until && { until: dashed(until) }),
    entitled: entitled === '1',
  };
};
