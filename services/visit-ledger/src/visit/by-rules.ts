import { type EndRules, endsByOf, graceUntilOf } from '../ending/end-rules';
import type { HospitalCommand } from './submissions';

/** The command with what its institution's rules say of ends. */
export const byRules = (
  command: HospitalCommand,
  {
    rules,
    hasLaterClaim,
    now,
  }: { readonly rules: EndRules; readonly hasLaterClaim: boolean; readonly now: Date },
): HospitalCommand => {
  switch (command.type) {
    case 'StartVisit': {
      const endsBy = endsByOf(rules, command.data);
      return endsBy === undefined ? command : { ...command, data: { ...command.data, endsBy } };
    }
    case 'UpdateVisit':
      return { ...command, data: { ...command.data, endsBy: (of) => endsByOf(rules, of) } };
    case 'EndVisit': {
      const graceUntil = graceUntilOf(rules, now);
      return graceUntil === undefined
        ? command
        : { ...command, data: { ...command.data, graceUntil } };
    }
    case 'PostCharge': {
      const late = { policy: rules.lateCharge, hasLaterClaim };
      return { ...command, data: { ...command.data, late } };
    }
    default:
      return command;
  }
};
