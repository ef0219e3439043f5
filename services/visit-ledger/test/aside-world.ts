import { visitLedgerVisits } from '@caretab/contracts';
import { MemoryEventStore, TWIN_KEYS } from '@caretab/event-store';
import { MemoryBus, type Message } from '@caretab/bus';
import { fixedClock, TestTimers } from '@caretab/doubles';
import { MemoryStore, type MemoryStoreOptions } from '@caretab/store';
import { candidate } from './candidate';
import { Resumption } from '../src/set-aside/resumption';
import { passingBy, SetAside } from '../src/set-aside/set-aside';
import { SetAsideController } from '../src/set-aside/set-aside.controller';
import { LogPlace, onProvenLog } from '../src/views/log-place';
import { Projection } from '../src/views/projection';
import { visitTable } from '../src/views/visit.table';
import { Republication } from '../src/visit/republication';
import { ProofController } from '../src/visit/proof.controller';
import { VisitController } from '../src/visit/visit.controller';
import { VisitPublication } from '../src/visit/visit-publication';
import { Snapshots } from '../src/visit/snapshots';
import { Visits } from '../src/visit/visits';
import { caused, commandsOf, noLaterClaims, visitIdOfNumber } from './facts';
import { ledgerDatabase } from './ledger-database';

/** A ledger in one process, and who follows its log. */
export const asideWorld = async ({
  at,
  snapshotEvents,
}: Pick<MemoryStoreOptions, 'at'> & { readonly snapshotEvents?: number } = {}) => {
  const clock = fixedClock('2026-03-02T09:00:00Z');
  const timers = new TestTimers();
  const events = new MemoryEventStore({ clock, timers });
  const lines: string[] = [];
  const logger = { error: (_facts: object, text: string) => void lines.push(text) };
  const store = new MemoryStore({ database: ledgerDatabase(), ...(at && { at }) });
  const setAside: SetAside = new SetAside({
    ...{ store, storeId: 'twin', clock, logger },
    proveLog: () => place.prove(),
  });
  const bus = new MemoryBus(timers);
  const { name, partitions, retentionMs } = visitLedgerVisits;
  await bus.declare([{ name, partitions, retentionMs }]);
  const sent: Message[] = [];
  const publish = bus.send.bind(bus);
  bus.send = async (topic, messages) => {
    sent.push(...messages);
    await publish(topic, messages);
  };
  const followed = passingBy(events, setAside.note);
  const publication = new VisitPublication(
    followed,
    bus,
    store,
    candidate('twin', timers),
    setAside,
  );
  const projection = new Projection(followed, store, candidate('twin', timers), {
    streams: setAside,
  });
  const republication = new Republication(followed, bus, setAside);
  const resumption = new Resumption({
    ...{ events, store, clock, setAside, projection, republication },
  });
  const place: LogPlace = new LogPlace({
    ...{ events, store, clock, logger: { ...logger, info: logger.error } },
    onLost: () => visits.forget(),
  });
  const snapshots =
    snapshotEvents === undefined
      ? undefined
      : new Snapshots({
          ...{ store, clock, timers, keys: TWIN_KEYS, eventsMin: snapshotEvents },
          logger: { info: logger.error, warn: logger.error, error: logger.error },
        });
  const visits = new Visits(onProvenLog(events, place), setAside, undefined, snapshots);
  const settle = async (): Promise<void> => {
    for (let turn = 0; turn < 50; turn += 1) await timers.advance(100);
  };
  await publication.start();
  await projection.start();
  return {
    ...{ timers, events, store, bus, setAside, lines, sent },
    ...{ projection, resumption, visits, settle, place, clock },
    controller: new VisitController(events, visits, noLaterClaims, setAside),
    proofs: new ProofController(events, setAside),
    list: async () =>
      (await new SetAsideController(store, resumption).list({ query: {} })).setAside,
    /** Ids of the messages about a visit, in order. */
    sentOf: (visitId: string): string[] =>
      sent.filter(({ key }) => key === visitId).map(({ headers }) => headers['ce_id']!),
    told: async () =>
      (await store.unpublished(100)).map(({ key, headers }) => `${headers['ce_type']!} ${key}`),
    differences: async () =>
      (await projection.check()).flatMap(({ view, differences }) =>
        differences.map((key) => `${view} ${key}`),
      ),
    rowOf: (visitId: string) =>
      store.transact((transaction) => transaction.rows(visitTable).get({ visitId })),
    stop: async () => {
      await publication.stop();
      await projection.stop();
    },
  };
};
export type AsideWorld = Awaited<ReturnType<typeof asideWorld>>;

export const open = ({ visits }: AsideWorld, number: string): Promise<void> => {
  const { start, authorize, cover, post } = commandsOf(number);
  return visits.handle(
    visitIdOfNumber(number),
    [start, authorize(), cover, post('C1')].map((command, index) =>
      caused(command, `m-${number}-${index}`),
    ),
  );
};
export const post = ({ visits }: AsideWorld, number: string, chargeId: string): Promise<void> =>
  visits.handle(visitIdOfNumber(number), [
    caused(commandsOf(number).post(chargeId), `m-${number}-${chargeId}`),
  ]);
