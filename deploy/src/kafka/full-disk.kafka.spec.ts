import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KafkaBus } from '@caretab/bus-kafka';
import { needs, testDatabase, type TestDatabase } from '@caretab/doubles';
import { isKafkaHere, type LocalKafka, startLocalKafka } from '@caretab/engines';
import { mountedDisk, type SmallDisk } from '../../test/small-disk';
import { chargeIdOf, ThreeServices, until } from '../../test/three-services';

const BEFORE = 20;
/** More than fit into the pages that Kafka's files have already. */
const SENT_MAX = 1000;
/** Charges that come while the broker is gone. */
const WITHOUT_BROKER = 20;
const GOES_ON_BY_ITSELF_MS = 20_000;

const folder = mkdtempSync(join(tmpdir(), 'caretab-full-kafka-'));
const dataDir = join(folder, 'kafka');
const disk: SmallDisk | undefined = isKafkaHere() ? mountedDisk(dataDir) : undefined;
let kafka: LocalKafka;
let database: TestDatabase;
let bus: KafkaBus;
let services: ThreeServices;

needs(
  'a Kafka that tests may kill, and a disk that they may fill (Java, mount)',
  disk !== undefined,
  () => {
    beforeAll(async () => {
      [kafka, database] = [await startLocalKafka({ dataDir }), await testDatabase()];
      bus = new KafkaBus({ brokers: kafka.brokers, clientId: 'caretab-full-disk' });
      services = await ThreeServices.start({ bus, databaseUrl: database.url });
    }, 240_000);
    afterAll(async () => {
      await services?.stop();
      await bus?.close();
      await kafka?.stop();
      await database?.drop();
      disk!.remove();
      rmSync(folder, { recursive: true, force: true });
    }, 60_000);

    test(
      'a full disk under Kafka: charges are accepted all the same, and are on the ' +
        'ledger once there is space again and the broker is back',
      async () => {
        await services.open();
        let [sent, hasEnded] = [0, false];
        const accepted = async (count: number): Promise<void> => {
          for (const end = sent + count; sent < end; sent += 1)
            expect({ charge: sent, status: (await services.charge(sent)).status }).toEqual({
              charge: sent,
              status: 202,
            });
        };
        await accepted(BEFORE);
        await until(() => services.idle());

        disk!.fill();
        void kafka.ended.then(() => (hasEnded = true));
        while (!hasEnded && sent < SENT_MAX) await accepted(10);
        await accepted(WITHOUT_BROKER);
        const all = (): string[] => Array.from({ length: sent }, (_, number) => chargeIdOf(number));
        // The disk was full indeed: what was accepted could not be passed on.
        expect(await services.idle()).toBe(false);
        expect((await services.onTheLedger()).length).toBeLessThan(sent);

        disk!.free();
        // A broker that could not write has ended, and is the operator's to start; one that has not
        // continues, or is restarted.
        if (
          hasEnded ||
          !(await until(() => services.idle(), GOES_ON_BY_ITSELF_MS).then(
            () => true,
            () => false,
          ))
        ) {
          await kafka.kill();
          kafka = await startLocalKafka({ dataDir, port: Number(kafka.brokers[0]!.split(':')[1]) });
        }
        await until(() => services.idle(), 120_000);
        expect(await services.onTheLedger()).toEqual(all());
        await services.again(Array.from({ length: sent }, (_, number) => number));
        await until(() => services.idle());
        expect(await services.onTheLedger()).toEqual(all());
      },
      600_000,
    );
  },
);
