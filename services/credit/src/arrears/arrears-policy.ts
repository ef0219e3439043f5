import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { dataOf } from '@caretab/contracts';
import { type Static, Type } from '@sinclair/typebox';

const Days = Type.Integer({ minimum: 0, maximum: 3650 });
const source = Type.String({ pattern: '^[a-z][a-z0-9-]{0,39}$' });
const PolicyFile = Type.Object({
  description: Type.String(),
  /** `new-visits`: a visit that is open may still have its hold raised. Absent: nothing is frozen. */
  freeze: Type.Optional(
    Type.Object({
      afterDays: Days,
      stops: Type.Union([Type.Literal('new-visits'), Type.Literal('all')]),
      source,
    }),
  ),
  reminders: Type.Array(Type.Object({ afterDays: Days, source }), { maxItems: 20 }),
  report: Type.Optional(
    Type.Object({
      announceAfterDays: Days,
      afterDays: Days,
      /** For an objection, from the announcement on. */
      objectionDays: Type.Integer({ minimum: 1, maximum: 365 }),
      /** So many in a row are named in the report, for what follows from them. */
      consecutiveToScore: Type.Integer({ minimum: 1, maximum: 100 }),
      source,
    }),
  ),
  sources: Type.Array(
    Type.Object({
      sourceId: source,
      title: Type.String(),
      grade: Type.Union([
        Type.Literal('official'),
        Type.Literal('press'),
        Type.Literal('unofficial'),
        Type.Literal('own'),
      ]),
    }),
  ),
});

export type ArrearsPolicy = Static<typeof PolicyFile>;

/** What does not fit together, one sentence each. */
export const policyFaults = ({ freeze, reminders, report, sources }: ArrearsPolicy): string[] => {
  const faults: string[] = [];
  const rising = reminders.every(
    ({ afterDays }, index) => index === 0 || afterDays > reminders[index - 1]!.afterDays,
  );
  if (!rising) faults.push('reminders: each comes later than the one before');
  if (report && report.announceAfterDays + report.objectionDays > report.afterDays)
    faults.push('report: a default is reported before the days for an objection are over');
  const named = [freeze, ...reminders, report].flatMap((part) => (part ? [part.source] : []));
  for (const name of new Set(named))
    if (!sources.some(({ sourceId }) => sourceId === name))
      faults.push(`sources: ${name} is not among them`);
  return faults;
};

const shipped = (): ArrearsPolicy => {
  const file = 'services/credit/data/arrears-policy.json';
  const text = readFileSync(join(__dirname, '../../data/arrears-policy.json'), 'utf8');
  const policy = dataOf(file, text, PolicyFile);
  const [fault] = policyFaults(policy);
  if (fault) throw new Error(`The data file ${file} is wrong: ${fault}.`);
  return policy;
};

/** The policy that ships with the service. */
export const arrearsPolicy = shipped();
