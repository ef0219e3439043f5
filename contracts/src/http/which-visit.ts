import { Type } from '@sinclair/typebox';
import { closed } from './shapes';

/** A GUID as hospitals write it, 8-4-4-4-12 or 32 hexadecimal digits, in braces. */
export const GUID_IN_BRACES =
  '\\{([0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}|[0-9A-Fa-f]{32})\\}';

/** One id in every path of the edge, for reads and for writes alike. */
export const WhichVisit = closed({
  visitId: Type.String({
    pattern: `^([A-Z0-9]{2,20}-)?(${GUID_IN_BRACES}|[A-Za-z0-9._/-]{1,40})$`,
    description:
      'visitId: institution id, hyphen, visit number; a slash is written %2F, and a GUID ' +
      "may have its braces. With a hospital's key " +
      'the visit number alone means a visit of that hospital, unless it begins like the visitId of ' +
      'another institution',
  }),
});
