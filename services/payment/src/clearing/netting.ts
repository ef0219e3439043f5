import { isEverything, type Scope } from '@caretab/access';
import { FUND } from '@caretab/contracts';
import type { Party } from './clearing.table';

/** Who advances what patients have not paid yet, where no policy names another. */
export const FUNDER = FUND;

export interface PartyAmount {
  readonly party: Party;
  readonly partyId: string;
  /** Positive: owed to the party; negative: the party owes. */
  readonly amountFen: number;
}

/** One that is paid by a clearing, or pays. */
export type WhichParty = Pick<PartyAmount, 'party' | 'partyId'>;

/** The parties of a day that a caller may see; undefined: every one. */
export const partiesWithin = (scopes: readonly Scope[]): readonly WhichParty[] | undefined =>
  isEverything(scopes)
    ? undefined
    : scopes.flatMap(({ institution, payer }): WhichParty[] => [
        ...(institution === undefined
          ? []
          : [{ party: 'institution', partyId: institution } as const]),
        ...(payer === undefined ? [] : [{ party: 'insurer', partyId: payer } as const]),
      ]);

/**
 * A visit as it stands: gross = Σ insurers + due, of which the channels hold what was captured and
 * not refunded.
 */
export interface VisitToClear {
  readonly institutionId: string;
  readonly grossFen: number;
  readonly dueFen: number;
  readonly insurers: readonly { readonly payerId: string; readonly amountFen: number }[];
  readonly channels: readonly { readonly channel: string; readonly heldFen: number }[];
  /** Who waits for what is due and not paid. */
  readonly lender: WhichParty;
  /** What the institution paid back at its counter, less what it took there. */
  readonly cashFen: number;
}

/** Sums by party, in a fixed order; parties with nothing are left out. */
export const net = (amounts: readonly PartyAmount[]): PartyAmount[] => {
  const sums = new Map<string, PartyAmount>();
  for (const { party, partyId, amountFen } of amounts) {
    const key = `${party} ${partyId}`;
    sums.set(key, { party, partyId, amountFen: (sums.get(key)?.amountFen ?? 0) + amountFen });
  }
  return [...sums.entries()]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([, sum]) => (sum.amountFen === 0 ? [] : [sum]));
};

/** What a visit means for each party in all; adds up to zero. */
export const positionOf = ({
  institutionId,
  grossFen,
  dueFen,
  insurers,
  channels,
  lender,
  cashFen,
}: VisitToClear): PartyAmount[] => {
  const heldFen = channels.reduce((sum, channel) => sum + channel.heldFen, 0);
  return net([
    { party: 'institution', partyId: institutionId, amountFen: grossFen + cashFen },
    ...insurers.map(({ payerId, amountFen }): PartyAmount => ({
      party: 'insurer',
      partyId: payerId,
      amountFen: -amountFen,
    })),
    ...channels.map((channel): PartyAmount => ({
      party: 'channel',
      partyId: channel.channel,
      amountFen: -channel.heldFen,
    })),
    { ...lender, amountFen: heldFen - dueFen - cashFen },
  ]);
};
