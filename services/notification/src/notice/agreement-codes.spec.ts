import { randomBytes } from 'node:crypto';
import { fixedClock } from '@caretab/doubles';
import { MemoryStore } from '@caretab/store';
import { agreementCodeTable, AgreementCodes } from './agreement-codes';

const DAYS_30_MS = 30 * 24 * 60 * 60 * 1000;
const notice = (noticeId: string) => ({
  noticeId,
  facts: { visitId: 'H1-V0001', chargeId: `C-${noticeId}`, amountFen: 2000 },
});

const post = () => {
  const clock = fixedClock('2026-03-02T09:00:00Z');
  const store = new MemoryStore();
  const rows = () => store.transact((transaction) => transaction.rows(agreementCodeTable).find({}));
  const codes = new AgreementCodes({ store, clock, randomness: randomBytes });
  const issued = (of: ReturnType<typeof notice>) =>
    store.transact((transaction) => codes.issue(of, transaction));
  return { clock, rows, codes, issued };
};
const unknown = expect.objectContaining({ code: 'AGREEMENT_UNKNOWN', details: {} });

test('a code leads to its charge and no other does; the code itself is not kept', async () => {
  const { codes, rows, issued } = post();
  const [one, two] = [await issued(notice('1')), await issued(notice('2'))];
  expect(await codes.resolve(one)).toEqual({ visitId: 'H1-V0001', chargeId: 'C-1' });
  expect(await codes.resolve(two)).toEqual({ visitId: 'H1-V0001', chargeId: 'C-2' });
  expect(Buffer.from(one, 'base64url')).toHaveLength(16);
  for (const code of ['', one.toLowerCase(), `${one}A`, 'C-1'])
    await expect(codes.resolve(code)).rejects.toEqual(unknown);
  expect(JSON.stringify(await rows())).not.toContain(one);
});

test('a code of a notice about a whole visit leads to that visit', async () => {
  const { codes, issued } = post();
  const facts = { visitId: 'H1-V0002', amountFen: 2000, endedAt: '2026-03-02T08:00:00Z' };
  const code = await issued({ noticeId: '3', facts } as never);
  expect(await codes.resolve(code)).toEqual({ visitId: 'H1-V0002' });
});

test('a notice that is sent again has a new code, and the former ends', async () => {
  const { codes, issued } = post();
  const former = await issued(notice('1'));
  const code = await issued(notice('1'));
  await expect(codes.resolve(former)).rejects.toEqual(unknown);
  expect(await codes.resolve(code)).toEqual({ visitId: 'H1-V0001', chargeId: 'C-1' });
});

test('a code ends after thirty days, as if it had never been, and is then deleted', async () => {
  const { clock, codes, rows, issued } = post();
  const code = await issued(notice('1'));
  clock.advance(DAYS_30_MS - 1);
  await codes.resolve(code);
  clock.advance(1);
  await expect(codes.resolve(code)).rejects.toEqual(unknown);
  await issued(notice('2'));
  expect((await rows()).map(({ noticeId }) => noticeId)).toEqual(['2']);
});
