import { type EndRules, endsByOf, graceUntilOf } from '../ending/end-rules';
import type { HospitalCommand } from './submissions';

/**
 * The command with what its institution's rules say of ends, and with how far a time may lie before
 * one that it cannot precede (ms).
 */
export const byRules = (
  command: HospitalCommand,
  {
    rules,
    hasLaterClaim,
    now,
    orderMs,
  }: {
    readonly rules: EndRules;
    readonly hasLaterClaim: boolean;
    readonly now: Date;
    readonly orderMs: number;
  },
): HospitalCommand => {
  switch (command.type) {
    case 'StartVisit': {
      const endsBy = endsByOf(rules, command.data);
      return endsBy === undefined ? command : { ...command, data: { ...command.data, endsBy } };
    }
    case 'UpdateVisit':
      return {
        ...command,
        data: { ...command.data, orderMs, endsBy: (of) => endsByOf(rules, of) },
      };
    case 'EndVisit': {
      const graceUntil = graceUntilOf(rules, now, command.data.endedAt);
      return {
        ...command,
        data: { ...command.data, orderMs, ...(graceUntil !== undefined && { graceUntil }) },
      };
    }
    case 'PostCharge': {
      const late = { policy: rules.lateCharge, hasLaterClaim };
      return { ...command, data: { ...command.data, orderMs, late } };
    }
    case 'CancelVisit':
      return { ...command, data: { ...command.data, orderMs } };
    case 'ReopenVisit':
      return { ...command, data: { ...command.data, orderMs } };
    case 'ReturnCharge':
      return { ...command, data: { ...command.data, orderMs } };
    default:
      return command;
  }
};
