import type { Resource } from '@caretab/access';
import type { FieldPath, Route } from '@caretab/contracts';

/** As much of a request as the policies look at. */
export interface AboutThing {
  readonly params?: unknown;
  readonly query?: unknown;
  readonly body?: unknown;
}

/** What is no text names no one; the check of the request refuses it. */
const textAt = (request: AboutThing, path: FieldPath): string | undefined => {
  const [part, field] = path.split('.') as [keyof AboutThing, string];
  const value = (request[part] as Readonly<Record<string, unknown>> | null | undefined)?.[field];
  return typeof value === 'string' ? value : undefined;
};

/** The institution of a visit, as its id begins. */
const institutionOfVisit = (visitId: string): string | undefined =>
  /^([A-Z0-9]{2,20})-/.exec(visitId)?.[1];

/** Whose thing a request is about, as its route says. */
export const resourceOf = ({ whose }: Route, request: AboutThing): Resource => {
  if (typeof whose === 'string') return { isPublic: whose === 'public' };
  const visit = whose.visit && textAt(request, whose.visit);
  return {
    institution: whose.institution
      ? textAt(request, whose.institution)
      : visit && institutionOfVisit(visit),
    person: whose.person && textAt(request, whose.person),
    payer: whose.payer && textAt(request, whose.payer),
  };
};
