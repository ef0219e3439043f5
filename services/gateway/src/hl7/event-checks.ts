import { withoutBraces } from '../intake/visit-number';
import type { MessageType } from './header';
import type { Segment } from './segment';

/** EVN-1, where it is filled, and MSH-9.2 name one event; else a fault EVENT_MISMATCH is noted. */
export const checkTrigger = (evn: Segment | undefined, type: MessageType): void => {
  const said = evn?.at(1) ?? '';
  if (evn && said !== '' && said !== type.slice(4))
    evn.faults.add(
      'EVN-1',
      'EVENT_MISMATCH',
      'EVN-1 and MSH-9.2 name different events',
      'send the same in both, or leave EVN-1 empty',
    );
};

/**
 * An A06 or A07 keeps the visit number: under another one its update would wait for an opening that
 * never comes. HL7 v2.5.1, 3.3.6: MRG-5 is the number before. Notes a fault FIELD_INVALID.
 */
export const checkSameVisit = (mrg: Segment | undefined, pv1: Segment, type: MessageType): void => {
  const former = withoutBraces(mrg?.at(5) ?? '');
  const isOther = former !== '' && former !== withoutBraces(pv1.at(19));
  if (mrg && isOther && ['ADT^A06', 'ADT^A07'].includes(type))
    mrg.faults.add(
      mrg.name(5),
      'FIELD_INVALID',
      'the visit number before (MRG-5) is not the one now (PV1-19)',
      'keep the number, or end the visit (A03) and open another (A01 for a stay, else A04)',
    );
};
