import { setFlagsFromString } from 'node:v8';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { allRoutes } from '@caretab/contracts';
import { assert } from '@caretab/kernel';
import {
  type DetailedError,
  policySetTextToParts,
  preparsePolicySet,
  preparseSchema,
  statefulIsAuthorized,
  validate,
} from '@cedar-policy/cedar-wasm/nodejs';
import { OWNERS, type Resource } from './resource';
import { type Attribute, ATTRIBUTES_OF, type Subject, type SubjectKind } from './subject';

/**
 * Cedar answers with references. Where V8 of Node 20 has compiled such a call into its caller, and drops
 * that code while the call is under way, it knows no such answer and ends the process.
 */
setFlagsFromString('--no-turbo-inline-js-wasm-calls');

const FOLDER = join(__dirname, '..', 'data');
export const POLICY_FILES = [
  'hospitals',
  'citizens',
  'payers',
  'platform',
  'services',
  'public',
] as const;
/** Who asks through a service is judged by this file alone. */
const CARRIED_FILE = 'carried';

/** The policies as they are read, by file. */
export const policyTexts: Readonly<Record<string, string>> = Object.fromEntries(
  [...POLICY_FILES, CARRIED_FILE].map((name) => [
    name,
    readFileSync(join(FOLDER, `${name}.cedar`), 'utf8'),
  ]),
);

export const allPolicies = (): string => Object.values(policyTexts).join('\n');
const directPolicies = (): string => POLICY_FILES.map((name) => policyTexts[name]).join('\n');

/** Every action that a policy can speak of: those of the routes. */
export const ACTIONS: readonly string[] = [
  ...new Set(allRoutes.map(({ action }) => action)),
].sort();
/** Policies speak of all that is no GET as `Action::"write"`: a further route is in it by itself. */
const WRITE = 'write';
const writes: ReadonlySet<string> = new Set(
  allRoutes.filter(({ method }) => method !== 'GET').map((it) => it.action),
);

const isAction = new Set(ACTIONS);

/** Who asks without a credential. */
export const ANYONE = 'Anyone';
export type PrincipalKind = SubjectKind | typeof ANYONE;
const attributesOf: Readonly<Record<PrincipalKind, readonly Attribute[]>> = {
  ...ATTRIBUTES_OF,
  [ANYONE]: [],
};
const KINDS = Object.keys(attributesOf);

const optional = (names: readonly string[]): string =>
  names.map((name) => `${name}?: String`).join(', ');

/** Cedar's schema, from the kinds and the routes: a policy that names an unknown one is refused. */
export const schemaText = [
  ...Object.entries(attributesOf).map(
    ([kind, attributes]) => `entity ${kind} { ${optional(attributes)} };`,
  ),
  `entity Thing { ${optional(OWNERS)}, isPublic: Bool };`,
  `action "${WRITE}";`,
  ...ACTIONS.map(
    (action) =>
      `action "${action}"${writes.has(action) ? ` in ["${WRITE}"]` : ''} ` +
      `appliesTo { principal: [${KINDS.join(', ')}], resource: [Thing], context: ` +
      '{ hasSecondFactor: Bool, isMachine: Bool, isOperatorKey: Bool, isNamed: Bool, ' +
      'through?: String } };',
  ),
].join('\n');

/** Policies by the id that each names, in the order of the text. */
export const policiesIn = (text: string): Readonly<Record<string, string>> => {
  const parts = policySetTextToParts(text);
  assert(parts.type === 'success', `policies can be read: ${JSON.stringify(parts)}`);
  assert(parts.policy_templates.length === 0, 'no policy is a template');
  const named = parts.policies.map((policy) => {
    const [, id] = /^@id\("([a-z-]+)"\)/.exec(policy) ?? [];
    assert(id !== undefined, `a policy begins with its id: ${policy.slice(0, 80)}`);
    return [id, policy] as const;
  });
  const byId = Object.fromEntries(named);
  assert(Object.keys(byId).length === named.length, 'no two policies have one id');
  return byId;
};

/** What Cedar finds wrong with policies: unknown actions, kinds or attributes, impossible conditions. */
export const faultsOf = (policies: string): readonly string[] => {
  const answer = validate({
    schema: schemaText,
    policies: { staticPolicies: policiesIn(policies) },
  });
  const said = (errors: readonly DetailedError[]) => errors.map(({ message }) => message);
  if (answer.type === 'failure') return said(answer.errors);
  return [...answer.validationErrors, ...answer.validationWarnings].map(
    ({ policyId, error }) => `${policyId}: ${error.message}`,
  );
};

const NAME = 'caretab';
const CARRIED = 'carried';
let isParsed = false;

/** Once a process: 100 ms. Throws where a policy cannot be read. */
export const parsePolicies = (): void => {
  for (const answer of [
    preparseSchema(NAME, schemaText),
    preparsePolicySet(NAME, { staticPolicies: policiesIn(directPolicies()) }),
    preparsePolicySet(CARRIED, { staticPolicies: policiesIn(policyTexts[CARRIED_FILE]!) }),
  ])
    assert(answer.type === 'success', `policies are sound: ${JSON.stringify(answer)}`);
  isParsed = true;
};

/** A principal as Cedar takes it: a kind, with the attributes that it has. */
export interface Principal {
  readonly kind: PrincipalKind;
  readonly attributes: Readonly<Partial<Record<Attribute, string>>>;
  readonly hasSecondFactor: boolean;
  readonly by?: Subject['by'];
  /** Its credential is for some actions alone, and names this one. */
  readonly isNamed?: boolean;
  /** The service through which it asks. */
  readonly through?: string | undefined;
}

const without = (values: Readonly<Record<string, string | undefined>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(values).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );

/** The ids of the policies that permit it; empty: it is denied. About 0.7 ms. */
export const permittedBy = (
  { kind, attributes, hasSecondFactor, by, isNamed = false, through }: Principal,
  action: string,
  { isPublic = false, institution, person, payer }: Resource,
): readonly string[] => {
  if (!isAction.has(action)) return []; // Cedar does not judge what its schema does not know.
  if (!isParsed) parsePolicies();
  const principal = { type: kind, id: 'it' };
  const resource = { type: 'Thing', id: 'it' };
  const answer = statefulIsAuthorized({
    principal,
    action: { type: 'Action', id: action },
    resource,
    context: {
      hasSecondFactor,
      isMachine: by === 'machine',
      isOperatorKey: by === 'operator-key',
      isNamed,
      ...(through !== undefined && { through }),
    },
    preparsedSchemaName: NAME,
    preparsedPolicySetId: through === undefined ? NAME : CARRIED,
    validateRequest: false,
    entities: [
      { uid: principal, attrs: without(attributes), parents: [] },
      {
        uid: resource,
        attrs: { ...without({ institution, person, payer }), isPublic },
        parents: [],
      },
    ],
  });
  assert(answer.type === 'success', 'Cedar decides');
  const { decision, diagnostics } = answer.response;
  assert(diagnostics.errors.length === 0, 'no policy fails');
  return decision === 'allow' ? [...diagnostics.reason].sort() : [];
};
