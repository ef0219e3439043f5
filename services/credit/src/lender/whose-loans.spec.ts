import { concernedBy } from '@caretab/host';
import type { Loan } from './loan';
import { LoanController } from './loan.controller';

test('who looks at a loan, or ends its difference, is recorded with the patient and who pays', async () => {
  const of = (accountPersonId: string) => ({ visitId: 'V1', personId: 'p-1', accountPersonId });
  const read = (loan: object) => {
    const notices = { show: async () => loan as Loan };
    const repairs = { of: async () => [], decide: async () => loan as Loan };
    const jobs = { wake: () => undefined };
    return new LoanController(
      ...([notices, {}, repairs, {}, jobs] as unknown as ConstructorParameters<
        typeof LoanController
      >),
    );
  };
  const params = { params: { visitId: 'V1' } } as never;
  expect(concernedBy(await read(of('p-2')).show(params))).toEqual(['p-1', 'p-2']);
  expect(concernedBy(await read(of('p-1')).show(params))).toEqual(['p-1']);
  const decided = { params: { visitId: 'V1' }, body: {}, subject: { id: 'a' }, approvedBy: 'b' };
  expect(concernedBy(await read(of('p-2')).repair(decided as never))).toEqual(['p-1', 'p-2']);
});
