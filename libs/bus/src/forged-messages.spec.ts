import {
  hospitalVisitEvents,
  identityInstitutions,
  identityPersons,
  paymentPayments,
  type Topic,
} from '@caretab/contracts';
import { fixedClock, TestTimers } from '@caretab/doubles';
import { MemoryStore } from '@caretab/store';
import type { Binding } from './binding';
import type { Message, ReceivedMessage } from './bus';
import { silentLog } from './log';
import { SIGNATURE, signedAll } from './message-signature';
import { Parked } from './parked';
import { parkedTable } from './parked.table';
import { PartitionWork } from './partition-work';
import { TWIN_PARTS, twinKeyOf } from './twin-authors';

const clock = fixedClock('2026-03-02T09:00:00Z');

const ended = {
  visitId: 'HZ001-V1',
  institutionId: 'HZ001',
  visitNumber: 'V1',
  endedAt: '2026-03-02T08:00:00Z',
};
const saying = (type: string, data: object, key: string, source = 'hospital/HZ003'): Message => ({
  key,
  headers: {
    ce_specversion: '1.0',
    ce_id: `said-${type}`,
    ce_type: type,
    ce_source: source,
    ce_time: '2026-03-02T08:00:00.000Z',
    'content-type': 'application/json',
  },
  value: JSON.stringify(data),
});

/** A service of which one group reads the topic. */
const reading = (topic: Topic, batch = false) => {
  const store = new MemoryStore();
  const handled: string[] = [];
  const binding: Binding = {
    ...{ group: 'credit.reader', topic, batch, store },
    call: async (events) =>
      void handled.push(...([events].flat() as { id: string }[]).map(({ id }) => id)),
  };
  const work = new PartitionWork({
    ...TWIN_PARTS,
    ...{ clock, timers: new TestTimers(), log: silentLog, random: () => 0 },
    retry: { attemptsMax: 2, firstDelayMs: 1, delayMaxMs: 1 },
  });
  const strategy = { binding: () => binding };
  const parked = new Parked({ ...TWIN_PARTS, service: 'credit', store, strategy, clock });
  const take = (...messages: readonly Message[]): Promise<void> =>
    work.handle(binding, {
      ...{ topic: topic.name, partition: 0, signal: new AbortController().signal },
      messages: messages.map((one, index): ReceivedMessage => ({
        ...one,
        ...{ topic: topic.name, partition: 0, offset: BigInt(index) },
      })),
    });
  const codes = async (): Promise<string[]> =>
    (await parked.list()).messages.map(({ code }) => code);
  return { store, handled, parked, take, codes };
};

describe('what an intruder writes to the bus has no effect', () => {
  test.each<[string, Topic, string, Message]>([
    [
      'a visit of another hospital',
      hospitalVisitEvents,
      'hospital/HZ003',
      saying('VisitEnded', ended, 'HZ001-V1', 'hospital/HZ001'),
    ],
    [
      'a capture that payment never made',
      paymentPayments,
      'hospital/HZ003',
      saying('PaymentCaptured', { visitId: 'HZ002-V0093' }, 'HZ002-V0093'),
    ],
    [
      'a guardian for an adult',
      identityPersons,
      'credit',
      saying('GuardianAppointed', { personId: 'p-1' }, 'p-1', 'identity'),
    ],
    [
      'the end of a person’s data',
      identityPersons,
      'notification',
      saying('PersonalDataDestroyed', { personId: 'p-1' }, 'p-1', 'identity'),
    ],
    [
      'another address for a hospital’s notices',
      identityInstitutions,
      'gateway',
      saying('InstitutionRegistered', { institutionId: 'HZ001' }, 'HZ001', 'identity'),
    ],
  ])('%s', async (_, topic, author, message) => {
    const unsigned = reading(topic);
    await unsigned.take(message);
    expect(await unsigned.codes()).toEqual(['AUTHOR_FORBIDDEN']);
    const signed = reading(topic, true);
    await signed.take(...signedAll(topic.name, [message], twinKeyOf(author)));
    expect(await signed.codes()).toEqual(['AUTHOR_FORBIDDEN']);
    expect([...unsigned.handled, ...signed.handled]).toEqual([]);
  });
});

describe('a forged message', () => {
  const by = (author: string, ...messages: Message[]): Message[] =>
    signedAll(hospitalVisitEvents.name, messages, twinKeyOf(author));
  const own = saying('VisitEnded', ended, 'HZ001-V1', 'hospital/HZ001');

  test('does not stand in the way of its author’s, before or after it', async () => {
    const { take, handled, codes } = reading(hospitalVisitEvents);
    await take(own);
    await take(...by('gateway', own));
    await take(own);
    expect(handled).toEqual(['said-VisitEnded']);
    expect(await codes()).toEqual(['AUTHOR_FORBIDDEN']);
  });

  test('holds nothing back in its batch', async () => {
    const { take, handled } = reading(hospitalVisitEvents);
    const [sound] = by('gateway', own) as [Message];
    const forged = { ...sound, headers: { ...sound.headers, ce_id: 'said-again' } };
    await take(forged, sound, forged);
    expect(handled).toEqual(['said-VisitEnded']);
  });

  test('is refused again when it is replayed, and taken when an operator takes it', async () => {
    const { take, handled, parked, codes } = reading(hospitalVisitEvents);
    await take(own);
    const { id } = (await parked.list()).messages[0]!;
    expect(await parked.replay(id)).toMatchObject({ replayed: 0, failed: 1 });
    expect(await codes()).toEqual(['AUTHOR_FORBIDDEN']);
    expect(await parked.replay(id, { why: 'confirmed by HZ001' })).toMatchObject({ replayed: 1 });
    expect(handled).toEqual(['said-VisitEnded']);
    const { mended, why } = await parked.show(id);
    expect(why).toBe('confirmed by HZ001');
    const { signature } = mended as { signature: string };
    const [correction] = signedAll(
      hospitalVisitEvents.name,
      [own],
      TWIN_PARTS.signingKey(),
      'correction',
    );
    expect(signature).toBe(correction!.headers[SIGNATURE]);
    // Put on the bus, it is no message.
    await take({ ...own, headers: { ...own.headers, ce_id: 'again', [SIGNATURE]: signature } });
    expect(await codes()).toEqual(['AUTHOR_FORBIDDEN']);
  });

  test('is what a parked row is that was changed where it lies', async () => {
    const { take, handled, parked, store, codes } = reading(hospitalVisitEvents);
    const [sound] = by('gateway', own) as [Message];
    await take({ ...sound, value: '{' });
    const { id } = (await parked.list()).messages[0]!;
    const change = (value: string): Promise<unknown> =>
      store.transact(async (transaction) => {
        const row = (await transaction.rows(parkedTable).get({ id }))!;
        await transaction.rows(parkedTable).save({ ...row, value });
      });
    await change(sound.value.replace('08:00', '08:01'));
    expect(await parked.replay(id)).toMatchObject({ failed: 1 });
    expect(await codes()).toEqual(['SIGNATURE_INVALID']);
    await change(sound.value);
    expect(await parked.replay(id)).toMatchObject({ replayed: 1 });
    expect(handled).toEqual(['said-VisitEnded']);
  });
});
