import type { Clock, Ids } from '@caretab/kernel';
import type { Transaction } from '@caretab/store';
import { type PersonRow, personTable } from '../person/person.table';
import type { Compared } from './demographics';
import type { IndexPersons } from './index-persons';
import { matchCaseTable } from './match-case.table';
import type { Comparison, Matching } from './matching';
import type { MatchKeyRow } from './source-record.table';

/** Registered persons that one is compared with. */
const COMPARED_MAX = 20;

/** Two who registered have two right numbers: what else they have says whether they may be one. */
const withoutNumber = ({ idNumber: _, ...rest }: Compared): Compared => ({
  ...rest,
  isIdNumberRight: false,
});

/** Registered persons who are likely one: proposed to people. No rule merges them. */
export class Pairs {
  constructor(
    private readonly parts: {
      readonly clock: Clock;
      readonly ids: Ids;
      readonly persons: IndexPersons;
      readonly matching: Matching;
    },
  ) {}

  /** Opens a case for each; the caller holds the person. */
  async propose(
    transaction: Transaction,
    own: PersonRow,
    compared: Compared,
    holders: readonly MatchKeyRow[],
  ): Promise<void> {
    if (own.mergedInto !== null) return;
    const others = holders
      .filter(({ holderId, personId }) => holderId === personId && personId !== own.personId)
      .slice(0, COMPARED_MAX);
    for (const { personId } of others) {
      const other = await transaction.rows(personTable).get({ personId });
      if (!other?.sealed || other.mergedInto !== null) continue;
      const registered = await this.parts.persons.comparedRegistration(transaction, other);
      if (!registered) continue;
      const [one, two] = [withoutNumber(compared), withoutNumber(registered)];
      const comparison = this.parts.matching.compare(one, two);
      if (comparison.likely && !comparison.contradicted)
        await this.open(transaction, { own, other }, comparison);
    }
  }

  /** The younger registration is named first; what was decided of the two stays decided. */
  private async open(
    transaction: Transaction,
    { own, other }: { readonly own: PersonRow; readonly other: PersonRow },
    { bits, likely, evidence }: Comparison,
  ): Promise<void> {
    const cases = transaction.rows(matchCaseTable);
    const isYounger = own.registeredAt >= other.registeredAt;
    const [younger, older] = isYounger ? [own, other] : [other, own];
    const pair = { recordId: younger.personId, personId: older.personId };
    const turned = { recordId: older.personId, personId: younger.personId };
    if ((await cases.get(pair)) || (await cases.get(turned))) return;
    await cases.insertIfAbsent({
      ...{ caseId: `mc-${this.parts.ids.next()}`, ...pair, status: 'open', likely, evidence },
      ...{ centibits: Math.round(bits * 100), openedAt: this.parts.clock.now() },
      ...{ decidedAt: null, decidedBy: null, approvedBy: null, why: null },
    });
  }
}
