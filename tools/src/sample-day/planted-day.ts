import { Citizens } from './citizens';
import { Chance } from './random';
import { ordinary, type Planted, Troubles } from './troubles';
import { inpatient, outpatient } from './visit-plan';

const SEED = 20260302;
export const INSTITUTIONS = [
  {
    institutionId: 'HZ001',
    name: 'Lakeside General Hospital 湖滨总医院',
    level: 'level-3',
    door: 'hl7',
    interface: { presence: 'card', hl7: true },
  },
  {
    institutionId: 'HZ002',
    name: 'Riverside District Hospital 江畔区医院',
    level: 'level-2',
    door: 'http',
    interface: { presence: 'card' },
  },
  {
    institutionId: 'HZ003',
    name: 'Willow Lane Community Health Centre 柳巷社区卫生服务中心',
    level: 'community',
    door: 'events',
    interface: { presence: 'card' },
  },
] as const;

export const chance = new Chance(SEED);
export const citizens = new Citizens(chance);
const numbers = new Map<string, number>();
const nextNumber = (institutionId: string): string => {
  numbers.set(institutionId, (numbers.get(institutionId) ?? 0) + 1);
  return `V${String(numbers.get(institutionId)).padStart(4, '0')}`;
};
const troubles = new Troubles(chance, citizens, nextNumber);
export const planted: Planted[] = [];

const addOrdinary = (
  institutionId: string,
  outpatients: number,
  inpatients: number,
  staying: number,
): void => {
  const options = (
    citizen = citizens.add('resident'),
  ): { institutionId: string; visitNumber: string; citizen: typeof citizen } => ({
    institutionId,
    visitNumber: nextNumber(institutionId),
    citizen,
  });
  for (let made = 0; made < outpatients; made += 1) {
    const kind = chance.pick([
      'employee',
      'employee',
      'retired',
      'retired',
      'resident',
      'resident',
      'uninsured',
    ] as const);
    planted.push(
      ordinary(
        outpatient(chance, options(citizens.add(kind)), made % 9 === 0 ? 'emergency' : 'adult'),
      ),
    );
  }
  for (let made = 0; made < inpatients; made += 1) {
    const stays = made < staying;
    const visit = inpatient(
      chance,
      options(
        citizens.add(chance.pick(['employee', 'retired', 'resident'] as const), { score: 930 }),
      ),
      stays,
    );
    planted.push(
      ordinary(
        visit,
        stays ? 'still in hospital at the end of the day' : undefined,
        stays ? { status: 'open' } : {},
      ),
    );
  }
};

addOrdinary('HZ001', 90, 22, 4);
addOrdinary('HZ002', 74, 8, 2);
addOrdinary('HZ003', 66, 0, 0);

for (const { institutionId } of INSTITUTIONS) {
  planted.push(
    troubles.chargesBeforeOpening(institutionId),
    troubles.cancelled(institutionId),
    troubles.returnedBeforeClosing(institutionId),
    troubles.returnedAfterClosing(institutionId),
  );
  planted.push(
    troubles.overTheLine(institutionId),
    troubles.unknownItem(institutionId),
    troubles.lateCharge(institutionId),
    troubles.childOnGuardiansLine(institutionId),
  );
  planted.push(
    troubles.refused(institutionId, 'the citizen never opened the service', { openService: false }),
    troubles.refused(institutionId, 'the line is frozen', { freeze: 'OVERDUE' }),
  );
  planted.push(
    troubles.payment(institutionId, 'declined', 'the bank declines; the debt stays', {
      status: 'adjudicated',
      missedReason: 'INSUFFICIENT_FUNDS',
    }),
  );
  planted.push(
    troubles.payment(institutionId, 'declined-once', 'the bank declines once, then pays'),
    troubles.payment(
      institutionId,
      'no-answer-captured',
      'the bank takes the money and never answers',
    ),
  );
  planted.push(
    troubles.payment(
      institutionId,
      'no-answer-lost',
      'the bank never hears of it and never answers',
    ),
    troubles.payment(institutionId, 'late-3000', 'the bank answers late'),
  );
  planted.push(
    troubles.payment(institutionId, 'processing', 'the bank says "processing" first'),
    troubles.payment(institutionId, 'error-once', 'the bank fails once'),
  );
}
planted.push(...troubles.twoAtOnce('HZ001', 'HZ002'), ...troubles.twoAtOnce('HZ002', 'HZ003'));

/** A whole visit whose messages are in another character set: a feed file of its own. */
const inCharset = (charset: string): Planted => {
  const visit = outpatient(chance, {
    institutionId: 'HZ001',
    visitNumber: nextNumber('HZ001'),
    citizen: citizens.add('resident', charset === 'BIG5' ? { name: '許功蓋' } : {}),
  });
  return ordinary(visit, `the hospital writes ${charset}`);
};
export const charsets = ['BIG5', 'GB18030-2000'].map((charset) => ({
  charset,
  planted: inCharset(charset),
}));
