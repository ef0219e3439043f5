import {
  businessDateOf,
  type ContractEvent,
  type creditAccounts,
  type EventType,
} from '@caretab/contracts';
import type { Transaction } from '@caretab/store';
import { type Notices, occurrence } from './notices';

type Said<Type extends EventType<typeof creditAccounts>> = ContractEvent<
  typeof creditAccounts,
  Type
>;
type OfDue = Said<'ArrearsReminded' | 'DefaultAnnounced' | 'DefaultReported' | 'DefaultTakenBack'>;

/** What follows from a due that could not be collected → notices to who owes it. */
export const arrearsNotices = (notices: Notices, transaction: Transaction) => {
  const ofDue =
    (template: string) =>
    (said: OfDue): Promise<void> => {
      const { personId, owedFen, since } = said.data;
      const facts = {
        ...{ owedFen, since: businessDateOf(since) },
        ...('reportsAt' in said.data && { reportsOn: businessDateOf(said.data.reportsAt) }),
      };
      return notices.notifyPerson(transaction, personId, occurrence(said, template, facts));
    };
  return {
    ArrearsReminded: ofDue('arrears-reminded'),
    DefaultAnnounced: ofDue('default-announced'),
    DefaultReported: ofDue('default-reported'),
    DefaultTakenBack: ofDue('default-taken-back'),
    ObjectionDecided: (decided: Said<'ObjectionDecided'>): Promise<void> => {
      const facts = { becomes: decided.data.outcome.toLowerCase() };
      const notice = occurrence(decided, 'objection-decided', facts);
      return notices.notifyPerson(transaction, decided.data.personId, notice);
    },
  };
};
