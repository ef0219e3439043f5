import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BusinessDate, dataOf, Fen } from '@caretab/contracts';
import { assert } from '@caretab/kernel';
import { Type } from '@sinclair/typebox';

export interface LinePolicy {
  readonly policyId: string;
  /** YYYY-MM-DD, Asia/Shanghai. */
  readonly effectiveFrom: string;
  /** Ascending, the first from 0. */
  readonly bands: readonly { readonly fromScore: number; readonly lineFen: number }[];
}

/** Checks a policy table as it is read: what a table gets wrong would be granted. */
export const checkedPolicies = (policies: readonly LinePolicy[]): readonly LinePolicy[] => {
  assert(policies.length > 0, 'there is a line policy');
  for (const [index, { effectiveFrom, bands }] of policies.entries()) {
    assert(
      /^\d{4}-\d{2}-\d{2}$/.test(effectiveFrom) &&
        (index === 0 || policies[index - 1]!.effectiveFrom < effectiveFrom),
      'line policies follow one another by effective date',
    );
    assert(bands[0]?.fromScore === 0, 'the lowest band starts at score 0');
    assert(
      bands.every(
        ({ fromScore, lineFen }, at) =>
          Number.isSafeInteger(lineFen) &&
          lineFen >= 0 &&
          (at === 0 || (bands[at - 1]!.fromScore < fromScore && bands[at - 1]!.lineFen <= lineFen)),
      ),
      'bands rise in score and line',
    );
  }
  return policies;
};

const PoliciesFile = Type.Object({
  policies: Type.Array(
    Type.Object({
      policyId: Type.String({ minLength: 1 }),
      effectiveFrom: BusinessDate,
      bands: Type.Array(
        Type.Object({ fromScore: Type.Integer({ minimum: 0, maximum: 1000 }), lineFen: Fen }),
        { minItems: 1 },
      ),
    }),
    { minItems: 1 },
  ),
});

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

/**
 * The line of a score (0..1000) on a day (YYYY-MM-DD): the last policy that has come into force,
 * its highest band reached.
 */
export const lineFor = (
  score: number,
  day: string,
  policies: readonly LinePolicy[] = linePolicies,
): { policyId: string; lineFen: number } => {
  const policy = policies.findLast(({ effectiveFrom }) => effectiveFrom <= day);
  assert(policy, 'a line policy is in force');
  const band = policy.bands.findLast(({ fromScore }) => fromScore <= score);
  assert(band, 'every score has a band');
  return { policyId: policy.policyId, lineFen: band.lineFen };
};
