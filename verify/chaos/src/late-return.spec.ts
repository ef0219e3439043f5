import { type Aftermath, broken } from '../test/evidence-fixture';

/** The late charge of the first visit, and the return that came before its patient's answer. */
const late = ({ facts }: Aftermath): Aftermath['facts'] => {
  const from = facts.findIndex(({ type }) => type === 'LateChargeRecorded');
  return facts.slice(from, from + 2);
};

test.each<readonly [string, RegExp, (aftermath: Aftermath) => void]>([
  [
    'a return is rejected for an agreement that was given before',
    /^what was rejected/,
    (a) => {
      const [, rejection] = late(a);
      a.facts = [...a.facts.filter((each) => each !== rejection), rejection!];
    },
  ],
  [
    'a return is rejected for an agreement that no one was asked for',
    /^what was rejected/,
    (a) => void (a.facts = a.facts.filter((each) => each !== late(a)[0])),
  ],
  [
    'a return before the agreement is rejected for another reason',
    /^every acknowledged return/,
    (a) => void (late(a)[1]!.data['reason'] = 'CHARGE_ALREADY_RETURNED'),
  ],
])('it is found when %s', (_, promise, lie) => {
  expect(broken(lie)).toContainEqual(expect.stringMatching(promise));
});
