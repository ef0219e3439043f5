/** Whose a thing is that something is done to. What is absent is of no one, or not known. */
export interface Resource {
  readonly institution?: string | undefined;
  readonly person?: string | undefined;
  readonly payer?: string | undefined;
  /** It may be asked for without a credential. */
  readonly isPublic?: boolean;
}

/** Whose things a subject may do an action to: those that fit all that is named; `{}` is everything. */
export type Scope = Pick<Resource, 'institution' | 'person' | 'payer'>;

/** What a thing can be someone's by. */
export const OWNERS = ['institution', 'person', 'payer'] as const;

/** Whether everything is within the scopes. */
export const isEverything = (scopes: readonly Scope[]): boolean =>
  scopes.some((scope) => OWNERS.every((owner) => scope[owner] === undefined));

/** Whether a thing lies within one of the scopes. */
export const isWithin = (scopes: readonly Scope[], resource: Resource): boolean =>
  scopes.some((scope) =>
    OWNERS.every((owner) => scope[owner] === undefined || scope[owner] === resource[owner]),
  );
