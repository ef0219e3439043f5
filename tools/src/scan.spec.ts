import { consumptionsIn, publishedIn } from './scan';
import { errorsIn } from './scan-errors';

const codes = (text: string): (string | undefined)[] =>
  errorsIn([['a.ts', text]]).map((use) => use.code);

describe('the codes a file answers with', () => {
  test('are written where the error is made', () => {
    expect(errorsIn([['a.ts', "\nthrow new DomainError('PERSON_UNKNOWN', 'not-found');"]])).toEqual(
      [{ file: 'a.ts', line: 2, code: 'PERSON_UNKNOWN', kind: 'not-found' }],
    );
  });

  test('may depend on a condition, or stand in a constant', () => {
    expect(codes("new DomainError(late ? 'TOO_LATE' : 'TOO_EARLY', 'conflict')")).toEqual([
      'TOO_LATE',
      'TOO_EARLY',
    ]);
    expect(codes("const GONE = 'GONE'; new DomainError(GONE, 'conflict')")).toEqual(['GONE']);
  });

  test('are found through a function of the same file that makes the error', () => {
    expect(
      codes(
        "const refuse = (code: string) => new DomainError(code, 'conflict'); throw " +
          "refuse('VISIT_FULL'); refuse('VISIT_CLOSED');",
      ),
    ).toEqual(['VISIT_FULL', 'VISIT_CLOSED']);
  });

  test('are found through a function of another file of the workspace', () => {
    const files = [
      [
        'a.ts',
        'export const ask = async (path: string, unavailable: string) => { throw new ' +
          "DomainError(unavailable, 'unavailable'); };",
      ],
      ['b.ts', "await ask('/x', 'LEDGER_UNAVAILABLE');"],
    ] as const;
    expect(errorsIn(files).map((use) => use.code)).toEqual(['LEDGER_UNAVAILABLE']);
  });

  test('are found as data: in a parameter or property named code, and in a union of texts', () => {
    expect(
      codes(
        "class Faults { add(field: string, code: string) {} } faults.add('PV1', " +
          "'FIELD_MISSING'); throw new DomainError(faults[0].code, 'invalid'); const f = " +
          "{ code: 'FIELD_INVALID' };",
      ),
    ).toEqual(['FIELD_MISSING', 'FIELD_INVALID']);
    expect(
      codes(
        "type Frame = 'FRAME_CUT' | 'FRAME_LONG'; const broken = (fault: Frame) => new DomainError(fault, 'invalid');",
      ),
    ).toEqual(['FRAME_CUT', 'FRAME_LONG']);
  });

  test('are undefined where nobody can tell, so that it is reported', () => {
    expect(codes("let code = ''; throw new DomainError(code, 'conflict');")).toEqual([undefined]);
  });
});

test('a consumer is known by its topic, its group and the events it does not ignore', () => {
  const text = `
    class Visits {
      @Consumes({ from: visitLedgerVisits, group: 'credit.hold' })
      visits(event, { transaction }) {
        return on(visitLedgerVisits, event, { VisitOpened: (e) => this.holds.authorize(e,
        transaction), ChargeDeferred: 'ignore', VisitClosed(e) {} });
      }
    }`;
  expect(consumptionsIn('a.ts', text)).toEqual([
    {
      file: 'a.ts',
      line: 3,
      topic: 'visitLedgerVisits',
      group: 'credit.hold',
      handled: ['VisitOpened', 'VisitClosed'],
    },
  ]);
});

test('a service says what it publishes, an insurer for each payer too', () => {
  expect(
    publishedIn(
      'index.ts',
      'const x = { publishes: [adjudicationClaims, ...payers.map(insurerSettlements)] };',
    ),
  ).toEqual(expect.arrayContaining(['adjudicationClaims', 'insurerSettlements']));
});
