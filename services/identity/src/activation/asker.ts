import type { Scope, Subject } from '@caretab/access';

/** Who asks, and whose activations that one may see. */
export interface Asker {
  readonly subject: Subject;
  readonly scopes: readonly Scope[];
}

export const isStaff = ({ subject }: Asker): boolean =>
  subject.roles.some(({ kind }) => kind === 'Desk');

/** The citizen by their own token, or the guardian by theirs. */
export const isOwn = ({ subject }: Asker): boolean =>
  subject.roles.some(({ kind }) => kind === 'Citizen' || kind === 'Guardian');

export const institutionOf = ({ subject }: Pick<Asker, 'subject'>): string | null =>
  subject.roles.find(({ institution }) => institution !== undefined)?.institution ?? null;
