import { DomainError } from '@caretab/kernel';
import { DAY_MS } from '@caretab/contracts';
import { MemoryStore } from '@caretab/store';
import { gatewayOn, hl7, personIdOf, SPECIMEN } from '../../test/gateway';
import { Forgetting } from '../intake/forgetting';
import { type QuarantineBounds, UNKNOWN_BYTES_MAX } from './quarantine';
import { QuarantineController } from './quarantine.controller';

const wrong = (why: string) =>
  new DomainError(why as 'AMOUNT_MISMATCH', 'invalid', { field: '/x' });

const post = (bounds?: Partial<QuarantineBounds>) => {
  const gateway = gatewayOn(new MemoryStore(), undefined, bounds);
  const { clock, mentions, store, quarantine } = gateway;
  const forgetting = new Forgetting({ store, clock, keptMs: 30 * DAY_MS, mentions });
  /** One message a minute. */
  const keep = async (text: string, reason = 'AMOUNT_MISMATCH', institutionId = 'HZ001') => {
    clock.advance(60_000);
    const raw = Buffer.from(text);
    await quarantine.keep({ door: 'http', institutionId, raw, error: wrong(reason) });
  };
  const destroy = (...values: readonly string[]) =>
    store.transact((transaction) =>
      forgetting.person(
        {
          id: 'destroyed',
          data: {
            personId: personIdOf(1),
            destroyedAt: clock.now().toISOString(),
            blindIndexes: values.map((value) => `index of ${value}`),
          },
        },
        transaction,
      ),
    );
  /** The person registers again, ten minutes after what came last. */
  const register = async () => {
    clock.advance(10 * 60_000);
    const data = { personId: personIdOf(1), registeredAt: clock.now().toISOString() };
    await store.transact((transaction) =>
      forgetting.registered({ data: data as never }, transaction),
    );
    clock.advance(10 * 60_000);
  };
  const readable = async (): Promise<string[]> => {
    const texts: string[] = [];
    for (const status of ['open', 'replayed', 'discarded'] as const)
      for (const { id } of await quarantine.list(status))
        texts.push(
          await quarantine.show(id).then(
            ({ raw }) => raw.toString(),
            (error: DomainError) => error.code,
          ),
        );
    return texts;
  };
  return { ...gateway, forgetting, keep, destroy, register, readable };
};

const REQUEST = JSON.stringify({ body: { credential: { type: 'id-number', value: SPECIMEN } } });

test('a refused message that names a person is destroyed with the person’s data', async () => {
  const { keep, mentions, destroy, readable, quarantine } = post();
  await keep(REQUEST);
  await keep(hl7('ADT^A04'));
  await keep('of somebody else');
  await mentions.runOnce();
  await destroy(SPECIMEN);
  expect(await readable()).toEqual(['of somebody else', 'RAW_FORGOTTEN', 'RAW_FORGOTTEN']);
  expect(await quarantine.list('discarded')).toMatchObject([
    { why: 'personal data destroyed' },
    { why: 'personal data destroyed' },
  ]);
});

test('it is destroyed as well if it is indexed only afterwards, and while identity was away', async () => {
  const { keep, mentions, destroy, readable, partners } = post();
  await keep(REQUEST);
  partners.away = true;
  expect(await mentions.runOnce()).toBe(0);
  await destroy(SPECIMEN);
  partners.away = false;
  await mentions.runOnce();
  expect(await readable()).toEqual(['RAW_FORGOTTEN']);
});

test('a message that comes after the destruction is emptied too, until the person registers again', async () => {
  const { keep, mentions, destroy, register, readable } = post();
  await destroy(SPECIMEN);
  await keep(REQUEST);
  await mentions.runOnce();
  expect(await readable()).toEqual(['RAW_FORGOTTEN']);
  await keep(`late ${REQUEST}`);
  await register();
  await keep(`again ${REQUEST}`);
  await mentions.runOnce();
  await mentions.runOnce();
  expect(await readable()).toEqual([`again ${REQUEST}`, 'RAW_FORGOTTEN', 'RAW_FORGOTTEN']);
});

test('what is indexed in the very moment of the destruction is found by the next round', async () => {
  const { keep, mentions, destroy, readable, store } = post();
  await keep(REQUEST);
  await destroy(SPECIMEN);
  // The index is committed by a transaction that did not see the destruction.
  const { mentionTable } = await import('./identifier-index.table');
  const { quarantineTable } = await import('./quarantine.table');
  await store.transact(async (transaction) => {
    const [row] = await transaction.rows(quarantineTable).find({});
    await transaction.rows(quarantineTable).save({ ...row!, indexed: true });
    await transaction
      .rows(mentionTable)
      .insert({ blindIndex: `index of ${SPECIMEN}`, quarantineId: row!.id });
  });
  await mentions.runOnce();
  expect(await readable()).toEqual(['RAW_FORGOTTEN']);
});

test('of a sender with too many, the newest are not kept and are counted; others are kept', async () => {
  const { keep, quarantine, dropped, readable } = post({ rowsMax: 2, bytesMax: 1_000 });
  await keep('first');
  await keep('second');
  await keep('third');
  await keep('second');
  await keep('of another', 'AMOUNT_MISMATCH', 'HZ002');
  expect(dropped()).toBe(1);
  expect((await readable()).sort()).toEqual(['first', 'of another', 'second']);
  await keep('x'.repeat(990), 'AMOUNT_MISMATCH', 'HZ003');
  await keep('y'.repeat(11), 'AMOUNT_MISMATCH', 'HZ003');
  expect(dropped()).toBe(2);
  expect(await quarantine.list('open', { institutionId: 'HZ003' })).toHaveLength(1);
});

test('entries are found by sender, reason, door and time, and a page follows another', async () => {
  const { keep, quarantine, clock } = post();
  const began = clock.now();
  for (let number = 0; number < 203; number += 1) await keep(`a ${number}`);
  await keep('b', 'TIME_INVALID');
  await keep('c', 'TIME_INVALID', 'HZ002');
  const first = await quarantine.list('open', { institutionId: 'HZ001' });
  const second = await quarantine.list('open', {
    institutionId: 'HZ001',
    after: first.at(-1)!.id,
  });
  expect([first.length, second.length]).toEqual([200, 4]);
  expect(new Set([...first, ...second].map(({ id }) => id)).size).toBe(204);
  expect(await quarantine.list('open', { reason: 'TIME_INVALID' })).toHaveLength(2);
  expect(await quarantine.list('open', { door: 'mllp' })).toEqual([]);
  const at = (minute: number): string => new Date(began.getTime() + minute * 60_000).toISOString();
  expect(await quarantine.list('open', { from: at(2), until: at(4) })).toHaveLength(3);
  await expect(quarantine.list('open', { after: 'nothing' })).rejects.toMatchObject({
    code: 'QUARANTINE_UNKNOWN',
  });
});

test('those of a reason are given up together, so many at a time', async () => {
  const { keep, quarantine } = post();
  for (let number = 0; number < 3; number += 1) await keep(`a ${number}`);
  await keep('b', 'TIME_INVALID');
  const filter = { reason: 'AMOUNT_MISMATCH' };
  expect(await quarantine.discardAll(filter, 'a wrong mapping', 2)).toBe(2);
  expect(await quarantine.discardAll(filter, 'a wrong mapping', 2)).toBe(1);
  expect(await quarantine.list('open')).toMatchObject([{ reason: 'TIME_INVALID' }]);
});

test('a refused message is shown and found by its sender’s own id, an ID number in it hidden', async () => {
  const { hl7Door, httpDoor, quarantine } = post();
  const send = (controlId: string) =>
    hl7Door.answer(Buffer.from(hl7('ADT^A04', { controlId, pv1: { 19: '' } })));
  const stamp = '202403030905001234';
  for (const id of ['M1', stamp, `R-${SPECIMEN}-1`, '消息']) await send(id);
  const body = { visitNumber: '!' };
  await httpDoor.submit('HZ001', { action: 'start', key: 'key-00000001', body }).catch(() => 0);
  const ids = (await quarantine.list('open')).map(({ messageId }) => messageId);
  expect(new Set(ids)).toEqual(
    new Set(['M1', stamp, `R-${'*'.repeat(18)}-1`, undefined, 'key-00000001']),
  );
  for (const messageId of ['M1', stamp, `R-${SPECIMEN}-1`, 'key-00000001'])
    expect(await quarantine.list('open', { messageId })).toHaveLength(1);
  expect(await quarantine.list('open', { messageId: 'M2' })).toEqual([]);
  expect(JSON.stringify(await quarantine.list('open'))).not.toContain(SPECIMEN);
});

test('of unknown senders few messages are kept, of each its beginning, and that is not replayed', async () => {
  const { hl7Door, quarantine, dropped, store } = post({ unknownRowsMax: 3 });
  const long = (controlId: string) =>
    `${hl7('ADT^A04', { facility: 'NOWHERE', controlId })}\rNTE|1||${'x'.repeat(900_000)}`;
  for (let number = 0; number < 48; number += 1)
    expect(String(await hl7Door.answer(Buffer.from(long(`M${number}`))))).toContain('MSA|AR|');
  const kept = await quarantine.list('open');
  expect(kept.map(({ messageId }) => messageId).sort()).toEqual(['M0', 'M1', 'M2']);
  expect(dropped()).toBe(45);
  const { quarantineTable } = await import('./quarantine.table');
  const rows = await store.transact((transaction) => transaction.rows(quarantineTable).find({}));
  for (const { sealed } of rows) expect(sealed!.length).toBeLessThan(UNKNOWN_BYTES_MAX + 100);
  const shown = await quarantine.show(kept[0]!.id);
  expect([shown.raw.length, shown.isWhole]).toEqual([UNKNOWN_BYTES_MAX, false]);
  const controller = new QuarantineController(quarantine, hl7Door, {} as never);
  await expect(
    controller.replay({ params: { id: kept[0]!.id }, body: {} } as never),
  ).rejects.toMatchObject({
    code: 'RAW_FORGOTTEN',
  });
});
