import {
  Authors,
  type Bus,
  publish,
  signedAll,
  signingBus,
  TWIN_AUTHORS,
  twinKeyOf,
} from '@caretab/bus';
import { DAY_MS, visitLedgerVisits as topic } from '@caretab/contracts';
import { systemClock, systemTimers } from '@caretab/kernel';
import type { LedgerEvents } from '../src/ledger-store';
import { TopicAudit } from '../src/topic/topic-audit';
import type { TopicReport } from '../src/topic/topic-faults';
import { isFact } from '../src/visit/stored-facts';
import { publicMessage } from '../src/visit/visit.publisher';
import { firstStreams } from '../src/visit/visit-streams';
import { writeVisit } from './visit-audit.suite';

export interface TopicAndLog {
  readonly bus: Bus;
  readonly events: LedgerEvents;
  close(): Promise<void>;
}

/** What the comparison finds on whichever bus and event store. */
export const topicAuditSuite = (name: string, open: () => Promise<TopicAndLog>): void => {
  describe(`the ledger's topic and its log, on ${name}`, () => {
    let opened: TopicAndLog;
    let published: bigint | undefined;
    beforeEach(async () => {
      opened = await open();
      published = undefined;
      const { partitions, retentionMs } = topic;
      await opened.bus.declare([{ name: topic.name, partitions, retentionMs }]);
    });
    afterEach(() => opened.close());

    const messagesOf = async (visitId: string) =>
      (await opened.events.readStream(`visit-${visitId}`))
        .filter(isFact)
        .flatMap((event) => publicMessage(event) ?? []);
    const send = (messages: Parameters<typeof publish>[2], author = 'visit-ledger') => {
      const bus = signingBus(opened.bus, () => twinKeyOf(author));
      return publish({ bus, service: 'visit-ledger' }, topic.name, messages);
    };
    const written = async (number: string): Promise<string> => {
      const visitId = await writeVisit(opened.events, number);
      await send(await messagesOf(visitId));
      return visitId;
    };
    const compared = async (since?: Date): Promise<TopicReport> => {
      const { bus, events } = opened;
      const audit = new TopicAudit({
        ...{ bus, events, clock: systemClock, timers: systemTimers },
        streams: { ...firstStreams, isBehindFault: () => false },
        authors: new Authors(TWIN_AUTHORS, systemClock),
        publishedTo: async () => published ?? events.head(),
      });
      const steps = audit.compare(since);
      let step = await steps.next();
      while (!step.done) step = await steps.next();
      return step.value;
    };

    test('what the ledger published is found as it is, also what was sent twice', async () => {
      const first = await written('T1');
      await written('T2');
      await send(await messagesOf(first));
      const facts = (await messagesOf(first)).length;
      expect(facts).toBeGreaterThan(3);
      const report = await compared();
      expect(report).toMatchObject({ messages: 3 * facts, facts: 2 * facts, aside: 0 });
      expect(report).toMatchObject({ faultsFound: 0, faults: [] });
    });

    test('who has the ledger’s key and not its log is found, with the place of each message', async () => {
      const visitId = await written('T1');
      const closed = (await messagesOf(visitId)).at(-1)!;
      expect(closed.headers['ce_type']).toBe('VisitClosed');
      const other = { ...(closed.value as object), grossFen: 1 };
      await send([
        { ...closed, headers: { ...closed.headers, ce_id: 'of-no-event' } },
        { ...closed, value: other },
        { ...closed, headers: { ...closed.headers, ce_time: '2026-01-01T00:00:00Z' } },
      ]);
      await send([{ ...closed, key: 'HZ001-NEVER', headers: { ...closed.headers, ce_id: 'x' } }]);
      await send([closed], 'gateway');
      const key = twinKeyOf('visit-ledger');
      const text = { ...closed, value: JSON.stringify(closed.value) };
      const [signed] = signedAll(topic.name, [text], key);
      await opened.bus.send(topic.name, [{ ...signed!, value: JSON.stringify(other) }]);
      const { faults, faultsFound } = await compared();
      const found = faults.map(({ kind, visitId: of, messageId, revision, fields }) => [
        ...[kind, of, messageId, revision, fields.join()],
      ]);
      const id = closed.headers['ce_id'];
      const { revision } = (await opened.events.readStream(`visit-${visitId}`)).at(-1)!;
      expect(found.sort()).toEqual(
        [
          ['forged', visitId, 'of-no-event', null, ''],
          ['changed', visitId, id, revision, 'data.grossFen'],
          ['changed', visitId, id, revision, 'ce_time'],
          ['forged', 'HZ001-NEVER', 'x', null, ''],
          ['unsigned', visitId, id, null, ''],
          ['unsigned', visitId, id, null, ''],
        ].sort(),
      );
      expect(faultsFound).toBe(6);
      const places = faults.map(({ partition, offset }) => `${partition}/${offset}`);
      expect(new Set(places).size).toBe(6);
      expect(places.every((place) => /^\d+\/\d+$/.test(place))).toBe(true);
      expect(JSON.stringify(faults)).not.toContain('personId":');
    });

    test('what was published and is not there is missing; what is not due yet is not', async () => {
      const visitId = await writeVisit(opened.events, 'T1');
      const all = await messagesOf(visitId);
      await send(all.filter((_, index) => index !== 1));
      const later = await opened.events.head();
      await writeVisit(opened.events, 'T2');
      published = later;
      const { faults, facts } = await compared();
      expect(facts).toBe(all.length);
      expect(faults).toMatchObject([
        {
          ...{ kind: 'missing', visitId, messageId: all[1]!.headers['ce_id'] },
          ...{ stream: `visit-${visitId}`, revision: 3, partition: null, offset: null },
        },
      ]);
      expect(await compared(new Date(Date.now() + DAY_MS))).toMatchObject({ facts: 0, faults: [] });
    });
  });
};
