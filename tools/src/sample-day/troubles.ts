import type { Citizens } from './citizens';
import type { Chance } from './random';
import {
  at,
  chargeOf,
  chargesIn,
  outpatient,
  type PlannedCharge,
  type PlannedVisit,
  type Step,
} from './visit-plan';

/** What the page checks of a visit once the day is over. */
export interface Expectation {
  readonly visitId: string;
  /** The planted trouble in words; absent for an ordinary visit. */
  readonly trouble?: string;
  readonly expect: Readonly<Record<string, string | number | null>>;
}

export interface Planted {
  readonly visit: PlannedVisit;
  readonly expectation: Expectation;
}

const EVENING = 18 * 60 + 30;
const insertBefore = (steps: readonly Step[], kind: Step['kind'], ...added: Step[]): Step[] => {
  const index = steps.findIndex((step) => step.kind === kind);
  return [...steps.slice(0, index), ...added, ...steps.slice(index)];
};
const timeOf = (visit: PlannedVisit, kind: Step['kind']): string =>
  visit.steps.find((step) => step.kind === kind)!.at;
const grossOf = (visit: PlannedVisit): number =>
  chargesIn(visit).reduce((sum, charge) => sum + charge.amountFen, 0);

/** What a visit comes to when one more charge than these was refused. */
const without = (visit: PlannedVisit, refused: PlannedCharge): Expectation['expect'] => ({
  chargesDeferred: chargesIn(visit).length,
  grossFen: grossOf(visit),
  notDeferredFen: refused.amountFen,
});

/** An ordinary visit: everything deferred, paid once, settled. */
export const ordinary = (
  visit: PlannedVisit,
  trouble?: string,
  expect: Expectation['expect'] = {},
): Planted => ({
  visit,
  expectation: {
    visitId: `${visit.institutionId}-${visit.visitNumber}`,
    ...(trouble && { trouble }),
    expect: {
      status: 'settled',
      chargesDeferred: chargesIn(visit).length,
      chargesNotDeferred: 0,
      conflicts: 0,
      grossFen: grossOf(visit),
      chargesWaiting: 0,
      ...expect,
    },
  },
});

/** Plants visits whose trouble lies in what happens, whichever door they come through. */
export class Troubles {
  constructor(
    private readonly chance: Chance,
    private readonly citizens: Citizens,
    private readonly nextNumber: (institutionId: string) => string,
  ) {}

  private visitOf(
    institutionId: string,
    citizen = this.citizens.add('resident'),
    kind: 'adult' | 'child' | 'emergency' = 'adult',
  ): PlannedVisit {
    return outpatient(
      this.chance,
      { institutionId, visitNumber: this.nextNumber(institutionId), citizen },
      kind,
    );
  }

  chargesBeforeOpening(institutionId: string): Planted {
    const visit = this.visitOf(institutionId);
    const [start, first, ...rest] = visit.steps;
    return ordinary(
      { ...visit, steps: [{ ...first!, at: start!.at }, { ...start!, at: rest[0]!.at }, ...rest] },
      'charges came before the visit was opened',
    );
  }

  cancelled(institutionId: string): Planted {
    const visit = this.visitOf(institutionId);
    const steps = [...visit.steps.slice(0, 3), { kind: 'cancel', at: visit.steps[3]!.at } as const];
    const planted = { ...visit, steps };
    return ordinary(planted, 'the visit was cancelled', {
      status: 'cancelled',
      chargesDeferred: 0,
      grossFen: 0,
    });
  }

  returnedBeforeClosing(institutionId: string): Planted {
    const visit = this.visitOf(institutionId);
    const charge = chargesIn(visit)[2]!;
    const steps = insertBefore(visit.steps, 'end', {
      kind: 'return',
      at: timeOf(visit, 'end'),
      returnId: `${charge.chargeId}.CD`,
      charge,
    });
    return ordinary({ ...visit, steps }, 'a charge was reversed before closing', {
      chargesDeferred: chargesIn(visit).length - 1,
      chargesReturned: 1,
      grossFen: grossOf(visit) - charge.amountFen,
    });
  }

  returnedAfterClosing(institutionId: string): Planted {
    const visit = this.visitOf(institutionId, this.citizens.add('uninsured'));
    const charge = chargesIn(visit)[2]!;
    const steps: Step[] = [
      ...visit.steps,
      {
        kind: 'return',
        at: at(EVENING + this.chance.between(0, 40)),
        returnId: `${charge.chargeId}.CD`,
        charge,
      },
    ];
    const left = grossOf(visit) - charge.amountFen;
    return ordinary(
      { ...visit, steps },
      'a charge was reversed after settlement, the difference refunded',
      {
        chargesDeferred: chargesIn(visit).length - 1,
        chargesReturned: 1,
        grossFen: left,
        patientDueFen: left,
        refundedFen: charge.amountFen,
      },
    );
  }

  overTheLine(institutionId: string): Planted {
    const visit = this.visitOf(institutionId, this.citizens.add('uninsured', { score: 560 }));
    const big = chargeOf(`${visit.visitNumber}.90`, '230400001', timeOf(visit, 'end'));
    const steps = insertBefore(visit.steps, 'end', {
      kind: 'charges',
      at: big.occurredAt,
      charges: [big],
    });
    return ordinary({ ...visit, steps }, 'a charge did not fit the line', {
      ...without(visit, big),
      chargesNotDeferred: 1,
    });
  }

  unknownItem(institutionId: string): Planted {
    const visit = this.visitOf(institutionId);
    const unknown = chargeOf(`${visit.visitNumber}.91`, 'ZZ999999', timeOf(visit, 'end'));
    const steps = insertBefore(visit.steps, 'end', {
      kind: 'charges',
      at: unknown.occurredAt,
      charges: [unknown],
    });
    return ordinary({ ...visit, steps }, 'an item code that no catalogue lists', {
      ...without(visit, unknown),
      chargesNotDeferred: 1,
    });
  }

  lateCharge(institutionId: string): Planted {
    const visit = this.visitOf(institutionId);
    const late = chargeOf(`${visit.visitNumber}.92`, '250102035', at(EVENING));
    const planted: PlannedVisit = {
      ...visit,
      steps: [...visit.steps, { kind: 'charges', at: at(EVENING), charges: [late] }],
    };
    return ordinary(planted, 'a charge came after the visit was closed', {
      ...without(visit, late),
      chargesNotDeferred: 1,
    });
  }

  refused(
    institutionId: string,
    trouble: string,
    citizen: Parameters<Citizens['add']>[1],
  ): Planted {
    const visit = this.visitOf(institutionId, this.citizens.add('employee', citizen));
    return ordinary(visit, trouble, {
      chargesDeferred: 0,
      chargesNotDeferred: chargesIn(visit).length,
      grossFen: 0,
      notDeferredFen: grossOf(visit),
      patientDueFen: 0,
    });
  }

  childOnGuardiansLine(institutionId: string): Planted {
    const guardian = this.citizens.add('employee', { score: 860 });
    const child = this.citizens.add('child', { guardian: guardian.citizen, account: null });
    return ordinary(this.visitOf(institutionId, child, 'child'), "a child on the guardian's line");
  }

  /**
   * The acquirer behaves as the account's token says; `expect` is how the visit stands at the end
   * of the day.
   */
  payment(
    institutionId: string,
    behaviour: string,
    trouble: string,
    expect: Expectation['expect'] = {},
  ): Planted {
    const citizen = this.citizens.add('uninsured');
    const account = {
      channel: 'unionpay',
      token: `tok-${citizen.citizen.toLowerCase()}:${behaviour}`,
    };
    (this.citizens.all as object[])[this.citizens.all.length - 1] = { ...citizen, account };
    return ordinary(this.visitOf(institutionId, citizen), trouble, expect);
  }

  /** One person in two institutions in the same hour, on one line. */
  twoAtOnce(first: string, second: string): readonly Planted[] {
    const citizen = this.citizens.add('uninsured', { score: 870 });
    return [first, second].map((institutionId) =>
      ordinary(this.visitOf(institutionId, citizen), 'two visits of one person at once'),
    );
  }
}
