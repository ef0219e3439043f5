import {
  type Accumulators,
  catalogueVersion,
  isByDocuments,
  planOfVersion,
  tablesVersion,
} from '@caretab/benefits';
import type { Coverage, PlanTerms } from '@caretab/contracts';
import type { PlanUse, UsedCounter } from '../document/plan-use';
import { withUse } from '../document/plan-use';
import type { PersonAccumulators, Use } from './accumulators';
import type { ClaimInputs, PlanInput } from './claim-basis';
import type { ClaimRow } from './claim.table';
import { type Care, coverageOf, usesOf } from './terms';

/** What an earlier release kept of a claim's place: the terms, in which it stands too. */
const inputsOfTerms = ({ coverage, effects }: ClaimRow): ClaimInputs['plans'] =>
  isByDocuments(coverage)
    ? []
    : coverage.plans.flatMap((terms: PlanTerms, at) => {
        const effect = effects[at];
        if (!effect) return [];
        const { planId, year, benefit } = effect;
        const { deductibleUsedFen, inScopeUsedFen, fundUsedFen, personalAccountFen } = terms;
        return {
          ...{ planId, year, benefit, psnType: '' },
          ...{ deductibleUsedFen, inScopeUsedFen, fundUsedFen, personalAccountFen },
        };
      });

/** Of each use its input at the earlier revision. */
const placeOf = (earlier: ClaimRow | undefined) => {
  const plans = earlier ? (earlier.inputs?.plans ?? inputsOfTerms(earlier)) : [];
  return ({ planId, year, benefit }: Use): PlanInput | undefined =>
    plans.find(
      (input) => input.planId === planId && input.year === year && input.benefit === benefit,
    );
};

const countersIn = (
  place: PlanInput | undefined,
  present: readonly UsedCounter[],
): readonly UsedCounter[] => {
  const before = new Map(place?.used?.map(({ key, value }) => [key, value]));
  return present.map(({ key, value }) => ({ key, value: before.get(key) ?? value }));
};

interface Standing {
  readonly care: Care;
  /** Without what the earlier revision used. */
  readonly accumulators: PersonAccumulators;
  readonly use: PlanUse;
}

/**
 * What a claim is settled on: of a first revision what stands now, of a later one what its first
 * stood on. So a late fact changes by itself alone what is due, whatever was settled meanwhile.
 */
export const inputsOf = (
  { care, accumulators, use }: Standing,
  earlier: ClaimRow | undefined,
): ClaimInputs => {
  const place = placeOf(earlier);
  const psnTypes = new Map(care.entitlements.map(({ planId, psnType }) => [planId, psnType]));
  return {
    catalogue: catalogueVersion,
    tables: tablesVersion,
    plans: usesOf(care).map((each): PlanInput => {
      const then = place(each);
      const counters = use.get(each.planId);
      return {
        ...(then ?? { ...each, ...accumulators.stand(each) }),
        psnType: psnTypes.get(each.planId) ?? '',
        ...(counters && { used: countersIn(then, counters) }),
      };
    }),
  };
};

/** The counters of what a document's funds may pay at most, by the beginning of their keys. */
const fundCounters = (version: string): readonly string[] => {
  const { plan, layers, counters = {} } = planOfVersion(version).file;
  return layers
    .flatMap(({ caps = [] }) => caps)
    .flatMap(({ on, counter }) => (on === 'fund' && counter !== undefined ? [counter] : []))
    .map((name) => `${counters[name]?.shared ?? `${plan}/${name}`}|`);
};

const usedWithin = (
  planId: string,
  inputs: PlanInput,
  { care, use }: Standing,
): readonly UsedCounter[] => {
  const capped = fundCounters(care.documents.get(planId)!);
  const present = new Map(use.get(planId)?.map(({ key, value }) => [key, value]));
  return (inputs.used ?? []).map(({ key, value }) =>
    capped.some((start) => key.startsWith(start))
      ? { key, value: Math.max(value, present.get(key) ?? 0) }
      : { key, value },
  );
};

/**
 * The coverage of a claim that is settled on these inputs. No fund pays above its cap and no account
 * more than is on it, so of both counts what stands now, where less is left.
 */
export const coverageOn = (inputs: ClaimInputs, standing: Standing): Coverage => {
  const { care, accumulators, use } = standing;
  const byPlan = new Map(inputs.plans.map((input) => [input.planId, input]));
  const stand = (each: Use): Accumulators => {
    const [then, now] = [byPlan.get(each.planId)!, accumulators.stand(each)];
    return {
      deductibleUsedFen: then.deductibleUsedFen,
      inScopeUsedFen: then.inScopeUsedFen,
      fundUsedFen: Math.max(then.fundUsedFen, now.fundUsedFen),
      personalAccountFen: Math.min(then.personalAccountFen, now.personalAccountFen),
    };
  };
  const counters = [...use.keys()].map(
    (planId) => [planId, usedWithin(planId, byPlan.get(planId)!, standing)] as const,
  );
  return withUse(coverageOf(care, { stand }), new Map(counters));
};
