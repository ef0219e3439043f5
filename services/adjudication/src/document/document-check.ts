import { findPlan } from '@caretab/benefits';
import { PayerId } from '@caretab/contracts';
import {
  type CoordinationFile,
  exampleFindings,
  factsAsked,
  FACTS,
  type Finding,
  NotTaken,
  type Plan,
  type PlanFile,
  readCoordination,
  readPlan,
  versionOf,
} from '@caretab/plans';

/** A document as it was put, when nothing is wrong with it. */
export interface CheckedDocument {
  readonly version: string;
  readonly kind: 'plan' | 'coordination';
  readonly name: string;
  readonly payerId: string | null;
  readonly planKind: string | null;
  /** Basic plans, medical aid and coordination files are the bureau's alone. */
  readonly isOfBureau: boolean;
  readonly effectiveFrom: string;
  readonly effectiveTo: string | null;
  readonly file: string;
}

/** What the platform knows of every visit and line. */
const OF_VISITS: ReadonlySet<string> = new Set([
  ...['care', 'medType', 'hospitalLevel', 'careDate', 'days'],
]);
const OF_MEMBERS: ReadonlySet<string> = new Set([
  ...['personType', 'membershipDays', 'admissionNumber'],
]);
const OF_LINES: ReadonlySet<string> = new Set([
  ...['item', 'itemCategory', 'itemKind', 'day', 'unitPrice'],
]);
/** What a membership may say of its person; what it does not say is false, or no class. */
export const OF_PERSONS: readonly string[] = [
  ...['aidClasses', 'chronicFiled', 'transferFiled', 'contracted'],
];
const LEVELS = ['level-3', 'level-2', 'community'];

const isKnown = (fact: string, file: PlanFile | CoordinationFile): boolean => {
  if (OF_VISITS.has(fact)) return true;
  if ('order' in file) return false;
  if (OF_MEMBERS.has(fact) || OF_LINES.has(fact) || OF_PERSONS.includes(fact)) return true;
  const own = file.facts?.[fact];
  return own?.of === 'claim' && (own.type === 'boolean' || own.type === 'codes');
};

const factFindings = (file: PlanFile | CoordinationFile): Finding[] =>
  factsAsked(file).flatMap(({ fact, path, matcher }): Finding[] => {
    if (!isKnown(fact, file))
      return [
        {
          ...{ path, why: `The platform does not know “${fact}” of a visit.` },
          remedy:
            'Take the condition out. It knows ' +
            `${[...OF_VISITS, ...OF_MEMBERS, ...OF_LINES].join(', ')}; memberships may say ` +
            `${OF_PERSONS.join(', ')}, and facts of the plan’s own that are boolean or codes.`,
        },
      ];
    const codes = typeof matcher === 'string' ? [matcher] : Array.isArray(matcher) ? matcher : [];
    const strange = fact === 'hospitalLevel' ? codes.filter((it) => !LEVELS.includes(it)) : [];
    if (strange.length === 0) return [];
    const why = `“hospitalLevel” is never ${strange.map((code) => `“${code}”`).join(' or ')} here.`;
    return [{ path, why, remedy: `It is one of: ${LEVELS.join(', ')}.` }];
  });

const finding = (path: string, why: string, remedy: string): Finding => ({ path, why, remedy });

/** What the language can say and the platform cannot settle, or not yet. */
const platformFindings = (file: PlanFile): Finding[] => {
  const findings = factFindings(file);
  for (const [name, { per, shared }] of Object.entries(file.counters ?? {})) {
    if (per === 'family')
      findings.push(
        finding(`/counters/${name}/per`, 'The platform knows no families.', 'Count by person.'),
      );
    if (shared !== undefined)
      findings.push(
        finding(
          `/counters/${name}/shared`,
          'The platform keeps the counters of each plan apart.',
          'Take it out.',
        ),
      );
  }
  if (file.year?.split)
    findings.push(
      finding('/year/split', 'The platform settles a stay once, at its end.', 'Take it out.'),
    );
  for (const [index, { borneBy }] of file.layers.entries())
    if (borneBy === 'hospital')
      findings.push(
        finding(
          `/layers/${index}/borneBy`,
          'The platform has no account for what a hospital bears.',
          'Leave this layer out.',
        ),
      );
  if (!new RegExp(PayerId.pattern!).test(file.payer))
    findings.push(
      finding('/payer', 'The name of a payer has at most 31 characters.', 'Shorten it.'),
    );
  if (file.examples.length === 0)
    findings.push(
      finding('/examples', 'There is no example to check the plan by.', 'Add one at least.'),
    );
  const starts = file.year?.starts ?? '01-01';
  if (findPlan(file.plan) && !file.from.endsWith(`-${starts}`))
    findings.push(
      finding(
        '/from',
        'The plan is in force by a table, whose use of the year is not taken over.',
        `Let it begin with the plan’s year, on ${starts}.`,
      ),
    );
  return findings;
};

const planOf = (text: string): { readonly plan?: Plan; readonly findings: readonly Finding[] } => {
  const plan = readPlan(text, 'The plan');
  const findings = [...exampleFindings(plan), ...platformFindings(plan.file)];
  return { plan, findings };
};

type Content = Readonly<Record<string, unknown>>;
type Outcome = { readonly document: CheckedDocument } | { readonly findings: readonly Finding[] };

const checkedPlan = (content: Content): Outcome => {
  const file = JSON.stringify(content);
  const { plan, findings } = planOf(file);
  if (!plan || findings.length > 0) return { findings };
  const { kind, payer, plan: name, from, to } = plan.file;
  return {
    document: {
      ...{ version: plan.version, kind: 'plan', name, payerId: payer, planKind: kind, file },
      isOfBureau: kind === 'basic' || kind === 'aid',
      ...{ effectiveFrom: from, effectiveTo: to },
    },
  };
};

const checkedCoordination = (content: Content): Outcome => {
  const file = JSON.stringify(content);
  readCoordination(file, 'The coordination file');
  const form = content as unknown as CoordinationFile;
  const findings = factFindings(form);
  if (findings.length > 0) return { findings };
  const { region, from, to } = form;
  return {
    document: {
      ...{ version: versionOf(form), kind: 'coordination', name: region, payerId: null, file },
      ...{ planKind: null, isOfBureau: true, effectiveFrom: from, effectiveTo: to },
    },
  };
};

/**
 * Looks at a document as a whole: its form and meaning, each of its examples, and what the platform
 * can settle. Every fault is named by its place, with what to write instead.
 */
export const checkDocument = (content: Content): Outcome => {
  try {
    if (content['schema'] === 'caretab-coordination/1') return checkedCoordination(content);
    return checkedPlan(content);
  } catch (error) {
    if (error instanceof NotTaken) return { findings: error.findings };
    throw error;
  }
};

/** Whether a plan looks at a fact of its person as a membership says it. */
export const isPersonFact = ({ facts }: Plan, name: string, value: unknown): boolean => {
  const fact = OF_PERSONS.includes(name) ? FACTS[name] : facts[name];
  if (fact?.of !== 'claim') return false;
  return fact.type === 'codes' ? Array.isArray(value) : typeof value === 'boolean';
};
