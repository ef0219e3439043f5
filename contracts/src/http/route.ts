import type { ErrorCode } from '@caretab/kernel';
import type { Static, TObject, TSchema } from '@sinclair/typebox';

/** Where in a request it stands. */
export type FieldPath = `${'params' | 'query' | 'body'}.${string}`;

/**
 * Whose thing a route is about, for the policies that say who may do its action. It names the fields
 * that say so; the id of a visit begins with its institution. `platform`: of no institution, person or
 * payer. `scoped`: only the caller or a row says whose it is, and the handler keeps to the scopes that
 * it is given. `public`: it may be asked for without a credential.
 */
export type Whose =
  | 'public'
  | 'platform'
  | 'scoped'
  | {
      readonly institution?: FieldPath;
      readonly visit?: FieldPath;
      readonly person?: FieldPath;
      readonly payer?: FieldPath;
    };
/**
 * When an action of a person needs another person's approval: always, or where its handler finds that
 * it does, and says so with APPROVAL_NEEDED. Services among themselves are asked for none.
 */
export interface NeedsApproval {
  readonly when: 'always' | 'depends';
  /** Of `depends`: where it does, in words for docs/access.md. */
  readonly where?: string;
  /** Fields of the body that the approver is shown: nothing personal, and no secret. */
  readonly shows?: readonly string[];
}
export type SuccessStatus = 200 | 201 | 202 | 204;

/**
 * An HTTP route, declared once: static types, the run-time check and OpenAPI come from here. What a
 * caller sends is closed; what we answer is closed for us and published open, so that a further
 * optional field breaks no reader.
 */
export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** With OpenAPI's placeholders: `/credit/accounts/{personId}`. */
  readonly path: `/${string}`;
  /** `<resource>.<verb>`, unique: what policies, records and metrics call the route by. */
  readonly action: `${string}.${string}`;
  readonly whose: Whose;
  readonly approval?: NeedsApproval;
  /**
   * What is allowed leaves no record of access: it shows nothing of a person and changes nothing, or
   * another row says who asked. What is refused leaves one.
   */
  readonly unrecorded?: true;
  /**
   * A question, though not by GET: it changes nothing. It is recorded as a read is, with those whom its
   * answer names.
   */
  readonly asks?: true;
  /**
   * Where two services record one act, citizens see the first record. `here`: they see this one, though
   * a service asked in someone's place. `behind`: not this one, but that of the service behind it.
   */
  readonly look?: 'here' | 'behind';
  /** Public, and recorded all the same: the answer is a token, which says who signed in. */
  readonly signsIn?: true;
  readonly summary: string;
  readonly description?: string;
  readonly params?: TObject;
  readonly query?: TObject;
  /** Header fields by their lower-case names. Checked by the handler, not by the chassis. */
  readonly headers?: TObject;
  readonly body?: TSchema;
  /** A request without a body counts as `{}`. */
  readonly bodyOptional?: true;
  /** By status; null is an answer without a body. */
  readonly responses: Readonly<Partial<Record<SuccessStatus, TSchema | null>>>;
  /** Of the answer, where it is not JSON. */
  readonly contentType?: 'text/plain' | 'text/html' | 'application/yaml';
  /** Each line of the answer is a JSON text of the response's schema. */
  readonly lines?: true;
  /** Codes of this route; those that every route may answer with are added to the document. */
  readonly problems: readonly ErrorCode[];
}

export const route = <const R extends Route>(declaration: R): R => declaration;

export type Frozen<T> = T extends Date | ((...args: never[]) => unknown)
  ? T
  : T extends readonly (infer Item)[]
    ? readonly Frozen<Item>[]
    : T extends object
      ? { readonly [Key in keyof T]: Frozen<T[Key]> }
      : T;
type StaticOf<S> = S extends TSchema ? Frozen<Static<S>> : void;

type Parts = 'params' | 'query' | 'body';

/** What a handler of the route is given: each declared part, checked. */
export type RouteInput<R extends Route> = {
  readonly [Part in Parts as R extends Readonly<Record<Part, TSchema>> ? Part : never]: StaticOf<
    R[Part]
  >;
};

/** An answer with its status, where a route has more than one. */
export class Reply<Status extends SuccessStatus = SuccessStatus, Body = unknown> {
  constructor(
    readonly status: Status,
    readonly body: Body,
  ) {}
}

type Responses<R extends Route> = R['responses'];
type BodyOf<R extends Route> = StaticOf<Responses<R>[keyof Responses<R>]>;
type IsUnion<T, U = T> = [T] extends [never]
  ? false
  : T extends unknown
    ? [U] extends [T]
      ? false
      : true
    : never;

/** What a handler of the route gives: the body; with several statuses, a Reply that names one. */
export type RouteAnswer<R extends Route> = R extends { readonly lines: true }
  ? void
  : IsUnion<keyof Responses<R>> extends true
    ? {
        [Status in keyof Responses<R> & SuccessStatus]: Reply<
          Status,
          StaticOf<Responses<R>[Status]>
        >;
      }[keyof Responses<R> & SuccessStatus]
    : BodyOf<R>;

/** The statuses of an answer that is no problem, lowest first. */
export const statusesOf = ({ responses }: Route): readonly SuccessStatus[] =>
  Object.keys(responses)
    .map((status) => Number(status) as SuccessStatus)
    .sort((a, b) => a - b);
