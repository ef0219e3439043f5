import type { Entitlement, VisitClass } from '@caretab/contracts';

export interface CentreQuestion {
  /** The same question again is one question. */
  readonly visitId: string;
  readonly personId: string;
  readonly institutionId: string;
  readonly careDate: string;
  readonly visitClass: VisitClass;
}

/** `unset`: there is no centre to ask. `contradiction`: it spoke of another, or against itself. */
export type CentreAnswer =
  | { readonly status: 'answered'; readonly entitlement: Entitlement }
  | { readonly status: 'no-answer' | 'unset' }
  | { readonly status: 'contradiction'; readonly reason: string };

/** The region's centre of medical security, asked by 1101 and 2001. */
export interface Centre {
  ask(question: CentreQuestion): Promise<CentreAnswer>;
}
