import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { dataOf, LinePolicyDocument } from '@caretab/contracts';
import { assert, contentHash } from '@caretab/kernel';
import { Type } from '@sinclair/typebox';
import { policyFaults } from './policy-faults';

/** A policy that was checked as a whole. */
export interface LinePolicy {
  /** The document's id and the beginning of its content's hash: another content is another version. */
  readonly version: string;
  readonly document: LinePolicyDocument;
}

/** Characters of a hash: 96 bits, so that no two contents of one id are the same. */
const HASH_CHARACTERS = 16;

export const versionOf = (document: LinePolicyDocument): string =>
  `${document.policyId}.${contentHash(document).slice(0, HASH_CHARACTERS)}`;

export const policyOf = (document: LinePolicyDocument): LinePolicy => ({
  version: versionOf(document),
  document,
});

/** Checks policies as they are read from a file: what a table gets wrong would be granted. */
export const checkedPolicies = (
  documents: readonly LinePolicyDocument[],
): readonly LinePolicy[] => {
  for (const [index, document] of documents.entries()) {
    const [fault] = policyFaults(document);
    assert(!fault, `the policy ${document.policyId} at ${fault?.field}: ${fault?.why}`);
    assert(
      index === 0 || documents[index - 1]!.effectiveFrom < document.effectiveFrom,
      'line policies follow one another by effective date',
    );
  }
  return documents.map(policyOf);
};

const PoliciesFile = Type.Object(
  { policies: Type.Array(LinePolicyDocument, { minItems: 1 }) },
  { additionalProperties: false },
);

const shipped = (): readonly LinePolicy[] => {
  const { policies } = dataOf(
    'services/credit/data/line-policy.json',
    readFileSync(join(__dirname, '../../data/line-policy.json'), 'utf8'),
    PoliciesFile,
  );
  return checkedPolicies(policies);
};

/** The policies that ship with the service. */
export const linePolicies = shipped();

/** The policy of a day (YYYY-MM-DD): the last that has come into force by then. */
export const policyOn = (
  day: string,
  policies: readonly LinePolicy[] = linePolicies,
): LinePolicy => {
  const policy = policies.findLast(({ document }) => document.effectiveFrom <= day);
  assert(policy, 'a line policy is in force');
  return policy;
};

/** Whether a score (0..1000) has a line at all. */
export const isEligible = ({ document }: LinePolicy, score: number): boolean =>
  score >= document.eligibility.scoreMin;

/** The line of a score (0..1000); none where it is not eligible. */
export const lineFor = (
  score: number,
  policy: LinePolicy,
): { readonly policyId: string; readonly lineFen: number } => {
  const band = policy.document.bands.find(
    ({ fromScore, toScore }) => fromScore <= score && score <= toScore,
  );
  assert(band || !isEligible(policy, score), 'every eligible score has a band');
  return { policyId: policy.version, lineFen: band?.lineFen ?? 0 };
};
