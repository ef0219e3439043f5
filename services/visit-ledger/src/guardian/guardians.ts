import type { ContractEvent, creditAuthorizations } from '@caretab/contracts';
import { DomainError } from '@caretab/kernel';
import type { Store } from '@caretab/store';
import { guardianTable } from './guardian.table';

type Answer = ContractEvent<typeof creditAuthorizations>;

/** Who answers for a visit by credit, where it is another than the patient. */
const answeringFor = ({ type, data }: Answer): readonly [string, string][] =>
  type === 'CreditAuthorized' && data.accountPersonId !== data.personId
    ? [[data.personId, data.accountPersonId]]
    : [];

/** Who answers for a child, by identity: credit alone puts no bill on a stranger's line. */
export class Guardians {
  constructor(private readonly store: Store) {}

  /**
   * Reads what the answers of one batch need. The check throws GUARDIAN_UNKNOWN (awaited): the
   * appointment comes by a topic of its own, and may be overtaken.
   */
  async of(answers: readonly Answer[]): Promise<(answer: Answer) => void> {
    const pairs = answers.flatMap(answeringFor);
    const rows =
      pairs.length === 0
        ? []
        : await this.store.transact((transaction) =>
            transaction
              .rows(guardianTable)
              .find({ personId: { in: [...new Set(pairs.map(([personId]) => personId))] } }),
          );
    return (answer) => {
      for (const [child, guardian] of answeringFor(answer))
        if (!rows.some(({ personId, guardianId }) => personId === child && guardianId === guardian))
          throw new DomainError('GUARDIAN_UNKNOWN', 'awaited', {
            field: '/accountPersonId',
            why: 'it is neither the patient nor a guardian that identity appointed',
          });
    };
  }
}
