import { eventually } from '@caretab/hospital';
import { CONSULTATION, sumFen } from '../catalogue';
import type { Citizen } from '../citizen';
import type { Hospital } from '../hospital';
import type { Visit } from '../visit';
import { World } from '../world';

const DUE_FEN = sumFen(CONSULTATION);
const world = new World('typed-visits-are-confirmed');

const treated = async (hospital: Hospital) => {
  const citizen = await world.citizen();
  const visit = hospital.visitOf(citizen);
  expect(await visit.opens()).toBe('accepted');
  expect(await visit.chargesAgain(visit.numbered([CONSULTATION]))).toBe('accepted');
  expect(await visit.ends()).toBe('accepted');
  return { citizen, visit };
};
const paymentBecomes = ({ visitId }: Visit, expected: object): Promise<void> =>
  eventually(async () => expect(await world.paymentOf(visitId)).toMatchObject(expected));
const codeOf = (citizen: Citizen): Promise<string> =>
  eventually(() => {
    const codes = world
      .mailsTo(citizen)
      .flatMap(({ source }) => /^Your code: (\S{22})\s*$/m.exec(source)?.[1] ?? []);
    expect(codes).toHaveLength(1);
    return codes[0]!;
  });
const answer = async (code: string, agree: boolean): Promise<string> => {
  const { status, body } = await world.api.ask('POST', '/v1/agreements', { code, agree });
  return `${status} ${status === 200 ? body.agreed : body.code}`;
};
const waiting = async (status: string): Promise<string[]> =>
  (await world.api.get(`/payment/confirmations?status=${status}`)).visits.map(
    (visit: { visitId: string }) => visit.visitId,
  );

test('a visit by a typed number is paid once its citizen says that it is theirs', async () => {
  const { citizen, visit } = await treated(await world.hospital({ presence: 'typed' }));
  await paymentBecomes(visit, { status: 'awaiting-confirmation', dueFen: DUE_FEN, orders: [] });
  const code = await codeOf(citizen);
  expect(await waiting('awaiting-confirmation')).toContain(visit.visitId);
  const byDesk = await world.api.ask('POST', `/payment/visits/${visit.visitId}/pay`, {});
  expect(byDesk.body).toMatchObject({ code: 'CONFIRMATION_NEEDED' });
  await world.quiet();
  await world.becomes(visit.visitId, { status: 'adjudicated', paidFen: 0 });
  expect(await answer(`${code.slice(0, -2)}AA`, true)).toBe('404 AGREEMENT_UNKNOWN');
  expect(await answer(code, true)).toBe('200 true');
  await world.becomes(visit.visitId, { status: 'settled', paidFen: DUE_FEN });
  expect(await answer(code, true)).toBe('200 true');
  expect(await answer(code, false)).toBe('404 AGREEMENT_UNKNOWN');
  expect(await waiting('awaiting-confirmation')).not.toContain(visit.visitId);
  const notices = await world.api.get(`/notification/visits/${visit.visitId}`);
  expect(JSON.stringify(notices)).not.toContain(code);
  const history = JSON.stringify(await world.historyOf(visit.visitId));
  expect(history).toContain('"presence":"typed"');
});

test('a visit that its citizen denies is not collected; staff and the hospital learn of it', async () => {
  const hospital = await world.hospital({ presence: 'typed' });
  const { citizen, visit } = await treated(hospital);
  expect(await answer(await codeOf(citizen), false)).toBe('200 false');
  await paymentBecomes(visit, { status: 'disputed', paidFen: 0, orders: [] });
  await eventually(() =>
    expect(
      world.webhooksTo(hospital).filter(({ body }) => body.reason === 'PRESENCE_DENIED'),
    ).toHaveLength(1),
  );
  const { cases } = await world.api.get(`/payment/cases?visitId=${visit.visitId}`);
  expect(cases).toMatchObject([{ kind: 'presence', reason: 'PRESENCE_DENIED', status: 'open' }]);
  await world.quiet();
  await world.becomes(visit.visitId, { status: 'adjudicated', paidFen: 0 });
  expect(await waiting('disputed')).toContain(visit.visitId);
});

test('a visit of a hospital that reads cards is paid without a question', async () => {
  const { citizen, visit } = await treated(await world.hospital());
  await world.becomes(visit.visitId, { status: 'settled', paidFen: DUE_FEN });
  await world.quiet();
  expect(world.mailsTo(citizen).filter(({ source }) => source.includes('Your code'))).toEqual([]);
});
