/** A citizen as a journey needs one; what is left out is ordinary. */
export interface CitizenWish {
  readonly name?: string;
  /** Year of birth; default 1985. */
  readonly born?: number;
  /** YYYYMMDD, in that year. */
  readonly birthday?: string;
  /**
   * Points of the credit authority (0..1000): 560 makes a line of CNY 1,000, 800 one of CNY 20,000.
   */
  readonly score?: number;
  readonly insurance?: Insurance;
  /**
   * How the bank behaves towards the bound account: ok, declined, declined-once, no-answer-captured
   * …; null binds none.
   */
  readonly bank?: string | null;
  /** The service stays closed when false. */
  readonly enrolled?: boolean;
  readonly guardian?: Citizen;
}

/** A registered citizen, with what only the journey may know of them. */
export interface Citizen {
  readonly personId: string;
  readonly name: string;
  readonly idNumber: string;
  readonly mobile: string;
  readonly email: string;
}

export type Insurance = 'none' | 'resident' | 'resident and supplement';

const FROM = '2025-01-01';
const RESIDENT = '15';
const STUDENT = '1403';

/** The memberships from the medical-security bureau; a minor is insured as a pupil. */
export const membershipsOf = (insurance: Insurance, minor: boolean): readonly object[] => {
  const psnType = minor ? STUDENT : RESIDENT;
  const basic = { planId: 'resident-basic', psnType, from: FROM };
  if (insurance === 'none') return [];
  return insurance === 'resident'
    ? [basic]
    : [basic, { planId: 'evergreen-supplement', psnType, from: FROM }];
};
