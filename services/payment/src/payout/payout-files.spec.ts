import { bankedTill, OF_H1, POOLED, SETTLEMENT } from '../../test/settlement-bank';
import { DIRECT_ONLY } from './payout-policy';

const DAY = '2026-03-02';

/** A visit of 1,000.00, of which 300.00 was captured; its day is cleared: 300.00 is pooled. */
const cleared = async (machine: Parameters<typeof bankedTill>[0] = {}) => {
  const world = bankedTill(machine);
  await world.setAccount();
  await world.bindPayer();
  await world.adjudicate();
  await world.workThrough(2);
  world.clock.set('2026-03-03T09:00:00+08:00');
  await world.clearings.clear(DAY);
  const accountsOf = async () => (await world.payments.summary()).trialBalance.accounts;
  const release = async (messageId: string) => {
    const { file } = await world.files.show(messageId);
    const { contentHash, controlSumFen } = file;
    const by = { declaredBy: 'op-17', approvedBy: 'op-21' };
    return world.files.release(messageId, { contentHash, controlSumFen, ...by });
  };
  /** Prepares and releases what is payable. */
  const instruct = async () => {
    const { file } = await world.files.prepare('op-17');
    await release(file.messageId);
    return file.messageId;
  };
  const statusOf = async (messageId: string) =>
    (await world.files.show(messageId)).instructions.map(({ status }) => status);
  return { ...world, accountsOf, release, instruct, statusOf };
};

test('what is pooled is instructed, and at zero only by the bank’s line', async () => {
  const { files, release, bankWorks, accountsOf, payouts, statusOf, sender, book } =
    await cleared();
  const { file, instructions } = await files.prepare('op-17');
  // Of the 1,000.00 the insurer owes 700.00: that money is the fund's to send, and not ours.
  expect(instructions).toMatchObject([{ institutionId: 'H1', amountFen: 30_000 }]);
  expect(file).toMatchObject({ status: 'prepared', controlSumFen: 30_000, instructions: 1 });
  await bankWorks(1);
  expect(book.has(file.messageId)).toBe(false);
  await release(file.messageId);
  await sender.runOnce();
  expect((await files.show(file.messageId)).file.status).toBe('taken');
  expect(await accountsOf()).toMatchObject({ 'in-payout/institution/H1': -100_000 });
  await bankWorks();
  expect(await statusOf(file.messageId)).toEqual(['paid']);
  expect(await accountsOf()).toMatchObject({
    ...{ 'in-payout/institution/H1': -70_000, 'bank/settlement': -30_000 },
  });
  expect(book.balanceOf(OF_H1)).toBe(30_000);
  expect((await payouts.of(DAY)).parties).toContainEqual(
    expect.objectContaining({ partyId: 'H1', paidFen: 30_000, openFen: 70_000 }),
  );
  await expect(files.prepare('op-17')).rejects.toMatchObject({ code: 'NOTHING_TO_PAY_OUT' });
});

test('in direct mode nothing is instructed: the source’s line on the hospital’s account pays', async () => {
  const { files, book, bankWorks, accountsOf, payouts, openCases } = await cleared({
    payouts: { ...POOLED, pooled: DIRECT_ONLY.pooled },
  });
  await expect(files.prepare('op-17')).rejects.toMatchObject({ code: 'NOTHING_TO_PAY_OUT' });
  book.remit(OF_H1, 30_000, `T+1 caretab/channel/unionpay/${DAY}`);
  book.remit(OF_H1, 70_000, `caretab/insurer/employee/${DAY}`);
  book.remit(OF_H1, 12_345, 'rent of the kiosk');
  await bankWorks();
  const balances = Object.entries(await accountsOf());
  expect(balances.filter(([, fen]) => fen !== 0)).toEqual([]);
  expect((await payouts.of(DAY)).payout).toBe('done');
  expect(await openCases()).toEqual([]);
});

test('a channel pays in to the settlement account; an insurer that does is a case', async () => {
  const { book, bankWorks, accountsOf, openCases } = await cleared();
  book.remit(SETTLEMENT, 30_000, `caretab/channel/unionpay/${DAY}`);
  book.remit(SETTLEMENT, 70_000, `caretab/insurer/employee/${DAY}`);
  book.remit(SETTLEMENT, 1, `caretab/channel/unionpay/${DAY}`);
  book.remit(SETTLEMENT, 5, 'who knows');
  await bankWorks();
  expect(await accountsOf()).toMatchObject({
    ...{ 'in-payout/channel/unionpay': 0, 'in-payout/insurer/employee': 70_000 },
    ...{ 'bank/settlement': 100_006, 'suspense/bank': -70_006 },
  });
  expect((await openCases()).map(({ kind, reason }) => `${kind} ${reason}`).sort()).toEqual([
    'bank-entry ENTRY_UNKNOWN',
    'bank-entry INSURER_PAID_US',
    'bank-entry REMITTANCE_EXCEEDS',
  ]);
});

test('a pay-out that the bank returns is payable again, and a case; with another account it is paid', async () => {
  const { book, instruct, bankWorks, accountsOf, statusOf, openCases, cases, payouts, setAccount } =
    await cleared();
  book.behave(OF_H1, 'returned');
  const first = await instruct();
  await bankWorks();
  expect(await statusOf(first)).toEqual(['returned']);
  expect(await accountsOf()).toMatchObject({
    ...{ 'in-payout/institution/H1': -100_000, 'bank/settlement': 0 },
  });
  expect((await payouts.of(DAY)).payout).toBe('open');
  expect(await openCases()).toMatchObject([
    { kind: 'payout', reason: 'AC04', amountFen: 30_000, asked: { institutionId: 'H1' } },
  ]);
  const { caseId } = (await openCases())[0]!;
  const by = { declaredBy: 'op-17', approvedBy: 'op-21', evidence: 'letter 2' };
  await expect(cases.resolve(caseId, { ...by, resolution: 'made' })).rejects.toMatchObject({
    code: 'RESOLUTION_UNFIT',
  });
  await cases.resolve(caseId, { ...by, resolution: 'noted' });
  expect(await openCases()).toEqual([]);
  await setAccount('H1', '955500010002');
  const second = await instruct();
  await bankWorks();
  expect(await statusOf(second)).toEqual(['paid']);
  expect(book.balanceOf('955500010002')).toBe(30_000);
  expect(await accountsOf()).toMatchObject({
    ...{ 'in-payout/institution/H1': -70_000, 'bank/settlement': -30_000 },
  });
});

test('a rejected transfer is payable again; one that is paid all the same is a case', async () => {
  const { book, instruct, bankWorks, statusOf, openCases, accountsOf } = await cleared();
  book.behave(OF_H1, 'rejected-paid');
  const first = await instruct();
  await bankWorks();
  expect(await statusOf(first)).toEqual(['rejected']);
  expect((await openCases()).map(({ reason }) => reason).sort()).toEqual([
    'AC04',
    'PAYOUT_PAID_AFTER_REJECTION',
  ]);
  // Our account stands as the bank's does.
  expect(await accountsOf()).toMatchObject({
    ...{ 'bank/settlement': book.balanceOf(SETTLEMENT), 'suspense/bank': 30_000 },
  });
});

test.each([
  ['wrong-amount', 'PAYOUT_AMOUNT_DIFFERS', ['accepted'], 29_999],
  ['doubled', 'PAYOUT_PAID_TWICE', ['paid'], 60_000],
] as const)('a bank that is %s is a case', async (behaviour, reason, statuses, outFen) => {
  const { book, instruct, bankWorks, statusOf, openCases, accountsOf } = await cleared();
  book.behave(OF_H1, behaviour);
  const messageId = await instruct();
  await bankWorks();
  expect(await statusOf(messageId)).toEqual(statuses);
  expect((await openCases()).map((one) => one.reason)).toEqual([reason]);
  expect(await accountsOf()).toMatchObject({ 'bank/settlement': -outFen });
});

test('a line that comes late, and in notice and statement both, pays once', async () => {
  const { book, instruct, bankWorks, statusOf, accountsOf, openCases } = await cleared();
  book.behave(OF_H1, 'late');
  const messageId = await instruct();
  await bankWorks();
  expect(await statusOf(messageId)).toEqual(['accepted']);
  book.remit(SETTLEMENT, 30_000, `caretab/channel/unionpay/${DAY}`);
  book.endDay();
  await bankWorks();
  expect(await statusOf(messageId)).toEqual(['paid']);
  expect(await accountsOf()).toMatchObject({
    ...{ 'bank/settlement': 0, 'in-payout/channel/unionpay': 0 },
  });
  expect(await openCases()).toEqual([]);
});

test('an unknown outcome instructs nothing a second time: the file is asked for', async () => {
  const { memoryBank, book, instruct, bankWorks, statusOf, files } = await cleared();
  memoryBank.fates.push('lost', 'dropped', 'dropped');
  const messageId = await instruct();
  await bankWorks(1);
  await expect(files.prepare('op-17')).rejects.toMatchObject({ code: 'NOTHING_TO_PAY_OUT' });
  await bankWorks(4);
  expect(await statusOf(messageId)).toEqual(['paid']);
  expect(memoryBank.sent).toHaveLength(1);
  expect(book.balanceOf(OF_H1)).toBe(30_000);
});

test('a file that the bank does not have is sent again: the same bytes', async () => {
  const { memoryBank, book, instruct, bankWorks } = await cleared();
  memoryBank.fates.push('dropped', 'ok', 'lost');
  await instruct();
  await bankWorks(4);
  expect(new Set(memoryBank.sent).size).toBe(1);
  expect(book.balanceOf(OF_H1)).toBe(30_000);
});

test('two people release what they saw; what they did not see is refused', async () => {
  const { files, release, instruct } = await cleared();
  const { file } = await files.prepare('op-17');
  const seen = { contentHash: file.contentHash, controlSumFen: file.controlSumFen };
  const by = { declaredBy: 'op-17', approvedBy: 'op-21' };
  await expect(
    files.release(file.messageId, { ...seen, ...by, controlSumFen: 1 }),
  ).rejects.toMatchObject({ code: 'PAYOUT_FILE_DIFFERS' });
  await expect(
    files.release(file.messageId, { ...seen, ...by, approvedBy: 'op-17' }),
  ).rejects.toThrow('two people');
  expect((await files.discard(file.messageId)).file.status).toBe('discarded');
  await expect(release(file.messageId)).rejects.toMatchObject({ code: 'PAYOUT_FILE_OVER' });
  const messageId = await instruct();
  expect(messageId).not.toBe(file.messageId);
  await expect(files.discard(messageId)).rejects.toMatchObject({ code: 'PAYOUT_FILE_OVER' });
  // The same release once more changes nothing.
  expect((await release(messageId)).file.status).toBe('released');
});

test('a hospital without an account is named, and nothing of it is taken', async () => {
  const world = bankedTill();
  await world.bindPayer();
  await world.adjudicate();
  await world.workThrough(2);
  world.clock.set('2026-03-03T09:00:00+08:00');
  await world.clearings.clear(DAY);
  await expect(world.files.prepare('op-17')).rejects.toMatchObject({
    ...{ code: 'NOTHING_TO_PAY_OUT', details: { withoutAccount: ['H1'] } },
  });
  await world.setAccount();
  expect((await world.files.prepare('op-17')).withoutAccount).toEqual([]);
});

test('what a hospital owes is taken off what it is owed later', async () => {
  const { adjudicate, workThrough, clock, clearings, files, instruct, bankWorks, book } =
    await cleared();
  await instruct();
  await bankWorks();
  // The verdict falls: 100.00 go back to the patient, and a second visit is paid.
  await adjudicate({ revision: 2, patientDueFen: 20_000 });
  await workThrough(2);
  clock.set('2026-03-04T09:00:00+08:00');
  await clearings.clear('2026-03-03');
  await expect(files.prepare('op-17')).rejects.toMatchObject({ code: 'NOTHING_TO_PAY_OUT' });
  await adjudicate({ visitId: 'H1-1002', closedAt: '2026-03-04T02:00:00.000Z' });
  await workThrough(2);
  clock.set('2026-03-05T09:00:00+08:00');
  await clearings.clear('2026-03-04');
  expect((await files.prepare('op-17')).instructions).toMatchObject([{ amountFen: 20_000 }]);
  expect(book.balanceOf(OF_H1)).toBe(30_000);
});

test('an account is a hospital’s own, its number is not shown, and it changes by two people', async () => {
  const { accounts, setAccount } = bankedTill();
  const shown = await setAccount();
  expect(JSON.stringify(shown)).not.toContain(OF_H1);
  expect(shown).toMatchObject({ number: 1, lastDigits: OF_H1.slice(-4) });
  expect(await setAccount()).toEqual(shown);
  await expect(setAccount('H2', OF_H1)).rejects.toMatchObject({ code: 'BANK_ACCOUNT_TAKEN' });
  expect((await setAccount('H1', '955500010009')).number).toBe(2);
  expect((await accounts.show('H1')).number).toBe(2);
  await expect(accounts.show('H9')).rejects.toMatchObject({ code: 'BANK_ACCOUNT_UNKNOWN' });
});

const TWO = { declaredBy: 'op-17', approvedBy: 'op-21', evidence: 'letter 3' };

test('money that came in and fitted nothing is allotted once, by two people, to who owes it', async () => {
  const { book, bankWorks, repairs, openCases, accountsOf } = await cleared();
  book.remit(SETTLEMENT, 30_000, 'settlement of Tuesday');
  await bankWorks();
  const { subjectId } = (await openCases())[0]!;
  const to = { ...TWO, businessDate: DAY, party: 'channel', partyId: 'unionpay' } as const;
  await expect(repairs.allot(subjectId, { ...to, partyId: 'alipay' })).rejects.toMatchObject({
    code: 'PAYOUT_EXCEEDS',
  });
  await expect(repairs.allot(subjectId, { ...to, party: 'insurer' })).rejects.toMatchObject({
    code: 'BANK_ENTRY_OVER',
  });
  await repairs.allot(subjectId, to);
  expect(await openCases()).toEqual([]);
  expect(await accountsOf()).toMatchObject({
    ...{ 'suspense/bank': 0, 'bank/settlement': 30_000, 'in-payout/channel/unionpay': 0 },
  });
  await expect(repairs.allot(subjectId, to)).rejects.toMatchObject({ code: 'BANK_ENTRY_OVER' });
});

test('what the bank says that it did not pay is payable again; a line that comes is a case', async () => {
  const { book, instruct, bankWorks, repairs, statusOf, files, openCases } = await cleared();
  book.behave(OF_H1, 'late');
  const messageId = await instruct();
  const { instructionId } = (await files.show(messageId)).instructions[0]!;
  await expect(repairs.declareNotMade(instructionId, TWO)).rejects.toMatchObject({
    code: 'PAYOUT_FILE_OVER',
  });
  await bankWorks();
  await repairs.declareNotMade(instructionId, TWO);
  expect(await statusOf(messageId)).toEqual(['rejected']);
  expect((await files.prepare('op-17')).instructions).toMatchObject([{ amountFen: 30_000 }]);
  book.endDay();
  await bankWorks();
  expect((await openCases()).map(({ reason }) => reason)).toEqual(['PAYOUT_PAID_AFTER_REJECTION']);
});

test('what is pooled is booked by the bank’s report alone; what is direct, once', async () => {
  const { payouts, bankWorks, book, openCases, accountsOf } = await cleared();
  const line = { ...TWO, party: 'institution', partyId: 'H1', valueDate: '2026-03-03' } as const;
  await expect(
    payouts.book(DAY, { ...line, amountFen: 70_001, bankReference: 'b-1' }),
  ).rejects.toMatchObject({ code: 'PAYOUT_EXCEEDS' });
  await payouts.book(DAY, { ...line, amountFen: 70_000, bankReference: 'b-1' });
  book.remit(OF_H1, 70_000, `caretab/insurer/employee/${DAY}`);
  await bankWorks();
  expect((await openCases()).map(({ reason }) => reason)).toEqual(['REMITTANCE_EXCEEDS']);
  expect(await accountsOf()).toMatchObject({ 'in-payout/institution/H1': -30_000 });
});
