import { DAY_MS } from '@caretab/contracts';
import { answered, CHILD, charge, gatewayOn, hl7, personIdOf, SPECIMEN } from '../../test/gateway';
import { Forgetting } from './forgetting';
import { intakeContext } from './intake';
import { mergedNumberTable } from './merged-numbers';
import { intakeTable } from './intake.table';

const filled = async () => {
  const gateway = gatewayOn();
  const forgetting = new Forgetting({
    store: gateway.store,
    clock: gateway.clock,
    keptMs: 30 * DAY_MS,
    mentions: gateway.mentions,
  });
  await gateway.hl7Door.answer(Buffer.from(hl7('ADT^A04')));
  await gateway.hl7Door.answer(
    Buffer.from(
      hl7('ADT^A04', { controlId: 'M2', pid: { 3: `${CHILD}^^^CN^NI` }, pv1: { 19: 'V2' } }),
    ),
  );
  await gateway.hl7Door.answer(
    Buffer.from(hl7('DFT^P03', { controlId: 'M3', ft1: [charge('T1', { 6: '' })] })),
  );
  const kept = (): Promise<string[]> =>
    gateway.store.transact(async (transaction) =>
      (await transaction.rows(intakeTable).find({ forgotten: false })).map((row) =>
        gateway.envelope.open(row.sealed!, intakeContext(row)).toString(),
      ),
    );
  return { gateway, forgetting, kept };
};

test('a message is kept as it came, sealed', async () => {
  const { kept } = await filled();
  expect((await kept())[0]).toBe(hl7('ADT^A04'));
});

test('messages are forgotten when their time is over, and what was made of them stays', async () => {
  const { gateway, forgetting, kept } = await filled();
  gateway.clock.advance(29 * DAY_MS);
  expect(await forgetting.runOnce()).toBe(0);
  gateway.clock.advance(2 * DAY_MS);
  expect(await forgetting.runOnce()).toBe(3);
  expect(await forgetting.runOnce()).toBe(0);
  expect(await kept()).toEqual([]);
  expect(answered(await gateway.hl7Door.answer(Buffer.from(hl7('ADT^A04')))).text).toBe(
    'accepted before',
  );
  await expect(
    gateway.quarantine.show((await gateway.quarantine.list('open'))[0]!.id),
  ).rejects.toMatchObject({ code: 'RAW_FORGOTTEN' });
});

test('a person whose data was destroyed is forgotten at once, others are not', async () => {
  const { gateway, forgetting, kept } = await filled();
  await gateway.store.transact((transaction) =>
    forgetting.person(
      {
        id: 'destroyed',
        data: { personId: personIdOf(1), destroyedAt: gateway.clock.now().toISOString() },
      },
      transaction,
    ),
  );
  expect(await kept()).toHaveLength(1);
  // A late charge of a visit of before: what names is not kept.
  const late = hl7('DFT^P03', { controlId: 'M9', ft1: [charge('T9')] });
  expect(answered(await gateway.hl7Door.answer(Buffer.from(late))).text).toMatch(/^accepted/);
  expect(await kept()).toHaveLength(1);
  // Who registers again is a person as any other.
  gateway.clock.advance(1000);
  await gateway.store.transact((transaction) =>
    forgetting.registered(
      {
        data: {
          personId: personIdOf(1),
          minor: false,
          registeredAt: gateway.clock.now().toISOString(),
        },
      },
      transaction,
    ),
  );
  const again = hl7('DFT^P03', { controlId: 'M10', ft1: [charge('T10')] });
  expect(answered(await gateway.hl7Door.answer(Buffer.from(again))).text).toMatch(/^accepted/);
  expect(await kept()).toHaveLength(2);
});

test('a message that was accepted while its person’s data was being destroyed is found and forgotten', async () => {
  const { gateway, forgetting, kept } = await filled();
  const accepted = await gateway.store.transact((transaction) =>
    transaction.rows(intakeTable).find({ personId: personIdOf(1) }),
  );
  await gateway.store.transact((transaction) =>
    forgetting.person(
      {
        id: 'destroyed',
        data: { personId: personIdOf(1), destroyedAt: gateway.clock.now().toISOString() },
      },
      transaction,
    ),
  );
  // It saw nothing of the destruction, which was not committed, and nor was it seen.
  await gateway.store.transact((transaction) => transaction.rows(intakeTable).save(accepted[0]!));
  expect(await kept()).toHaveLength(2);
  await gateway.mentions.runOnce();
  expect(await kept()).toHaveLength(1);
});

test('with a person goes what was noted of merged patient numbers', async () => {
  const { gateway, forgetting } = await filled();
  const a40 = hl7('ADT^A40', { controlId: 'M8', pid: { 3: 'P0002^^^HZ001^MR' } });
  await gateway.hl7Door.answer(Buffer.from(`${a40}\rMRG|P0001^^^HZ001^MR`));
  const next = hl7('ADT^A40', { controlId: 'M9', pid: { 3: 'P0003^^^HZ001^MR' } });
  await gateway.hl7Door.answer(Buffer.from(`${next}\rMRG|P0002^^^HZ001^MR`));
  // Of numbers under which no visit was opened, nothing is kept for long.
  const unknown = hl7('ADT^A40', { controlId: 'M10', pid: { 3: 'P0009^^^HZ001^MR' } });
  await gateway.hl7Door.answer(Buffer.from(`${unknown}\rMRG|P0008^^^HZ001^MR`));
  const merged = (): Promise<unknown[]> =>
    gateway.store.transact((transaction) => transaction.rows(mergedNumberTable).find({}));
  expect(await merged()).toHaveLength(3);
  gateway.clock.advance(31 * DAY_MS);
  expect(await forgetting.runOnce()).toBe(4);
  expect(await forgetting.runOnce()).toBe(0);
  expect(await merged()).toHaveLength(2);
  const destroyedAt = gateway.clock.now().toISOString();
  await gateway.store.transact((transaction) =>
    forgetting.person({ id: 'd', data: { personId: personIdOf(1), destroyedAt } }, transaction),
  );
  expect(await merged()).toEqual([]);
});

test('a merge goes with the person whom it named, and stays once a visit is seen under its number', async () => {
  const { gateway, forgetting } = await filled();
  const sent = (pid: string, mrg: string, controlId: string) =>
    gateway.hl7Door.answer(
      Buffer.from(`${hl7('ADT^A40', { controlId, pid: { 3: pid } })}\rMRG|${mrg}`),
    );
  await sent(`${CHILD}^^^CN^NI~P0008^^^HZ001^MR`, 'P0007^^^HZ001^MR', 'M8');
  await sent('P0006^^^HZ001^MR', 'P0005^^^HZ001^MR', 'M9');
  const pid = { 3: `${SPECIMEN}^^^CN^NI~P0005^^^HZ001^MR` };
  await gateway.hl7Door.answer(
    Buffer.from(hl7('ADT^A04', { controlId: 'M10', pid, pv1: { 19: 'V3' } })),
  );
  gateway.clock.advance(31 * DAY_MS);
  await forgetting.runOnce();
  const merged = () =>
    gateway.store.transact((transaction) => transaction.rows(mergedNumberTable).find({}));
  expect((await merged()).map(({ known }) => known)).toEqual([true, true]);
  for (const [number, left] of [
    [2, 1],
    [1, 0],
  ] as const) {
    const destroyedAt = gateway.clock.now().toISOString();
    await gateway.store.transact((transaction) =>
      forgetting.person(
        { id: `d${number}`, data: { personId: personIdOf(number), destroyedAt } },
        transaction,
      ),
    );
    expect(await merged()).toHaveLength(left);
  }
});
