import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Kafka, logLevel } from 'kafkajs';
import { KafkaBus } from '@caretab/bus-kafka';
import { needs } from '@caretab/doubles';
import { isKafkaHere, type LocalKafka, startLocalKafka } from '@caretab/engines';

const until = async (condition: () => boolean | Promise<boolean>): Promise<void> => {
  for (const from = Date.now(); !(await condition()); await wait(10))
    if (Date.now() - from > 120_000) throw new Error('what the test waits for did not come');
};
const portOf = ({ brokers }: LocalKafka): number => Number(brokers[0]!.split(':')[1]);

needs('a Kafka that tests may kill (Java, Maven)', isKafkaHere(), () => {
  describe('a local Kafka of its own', () => {
    let dataDir = '';
    let kafka: LocalKafka;
    beforeAll(async () => {
      dataDir = mkdtempSync(join(tmpdir(), 'caretab-kafka-'));
      kafka = await startLocalKafka({ dataDir });
    });
    afterAll(async () => {
      await kafka.stop();
      rmSync(dataDir, { recursive: true, force: true });
    });

    test(
      'that is killed and comes back loses nothing of what was sent and handled ' +
        'meanwhile, and members and senders go on by themselves',
      async () => {
        const said: string[] = [];
        const say = (_facts: object, text: string): void => void said.push(text);
        const bus = new KafkaBus({
          brokers: kafka.brokers,
          clientId: 'outage',
          sessionMs: 6000,
          logger: { info: say, warn: say, error: say },
        });
        await bus.declare([{ name: 'test.outage', partitions: 3, retentionMs: 60_000 }]);
        const handled: string[] = [];
        await bus.consume(
          { group: 'outage.test', topics: ['test.outage'], batchSizeMax: 20 },
          async ({ messages }) => {
            await wait(5);
            handled.push(...messages.map(({ key, value }) => `${key}/${value}`));
          },
        );
        let isOver = false;
        let sent = 0;
        const sending = (async () => {
          for (; !isOver; sent += 1) {
            const round = Array.from({ length: 5 }, (_, key) => ({
              key: `visit-${key}`,
              value: String(sent),
              headers: {},
            }));
            // What a relay does: a send that was not confirmed is repeated.
            while (
              !(await bus.send('test.outage', round).then(
                () => true,
                () => false,
              ))
            )
              await wait(50);
            await wait(2);
          }
        })();
        await until(() => handled.length > 500);
        await kafka.kill();
        await wait(1500);
        const sentBefore = sent;
        kafka = await startLocalKafka({ dataDir, port: portOf(kafka) });
        await until(() => sent > sentBefore + 100);
        isOver = true;
        await sending;
        await until(
          async () =>
            new Set(handled).size >= sent * 5 &&
            (await bus.lag('outage.test', ['test.outage'])) === 0,
        );
        for (let key = 0; key < 5; key += 1) {
          const firsts = [...new Set(handled.filter((name) => name.startsWith(`visit-${key}/`)))];
          expect(firsts).toEqual(
            Array.from({ length: sent }, (_, index) => `visit-${key}/${index}`),
          );
        }
        expect(
          said.filter((text) => text === 'Kafka consumer disconnected, retrying').length,
        ).toBeLessThanOrEqual(2);
        await bus.close();
      },
    );

    test('keeps its messages over an orderly restart', async () => {
      const write = new KafkaBus({ brokers: kafka.brokers, clientId: 'restart' });
      await write.declare([{ name: 'test.restart', partitions: 1, retentionMs: 60_000 }]);
      await write.send('test.restart', [{ key: 'visit-1', value: 'kept', headers: {} }]);
      await write.close();
      await kafka.stop();
      kafka = await startLocalKafka({ dataDir });
      const read = new KafkaBus({ brokers: kafka.brokers, clientId: 'restart' });
      const values: string[] = [];
      await read.consume(
        { group: 'restart.test', topics: ['test.restart'] },
        async ({ messages }) => void values.push(...messages.map(({ value }) => value)),
      );
      await until(() => values.length === 1);
      await read.close();
      expect(values).toEqual(['kept']);
    });

    test('tells whoever comes by its second door to come back by what stands before it', async () => {
      const line = createServer((client) => {
        const server = connect({ host: '127.0.0.1', port: behind.port });
        client
          .on('error', () => undefined)
          .pipe(server)
          .on('error', () => undefined)
          .pipe(client);
      });
      const free = async (): Promise<number> => {
        const probe = createServer();
        await new Promise<void>((listening) => probe.listen(0, '127.0.0.1', listening));
        const { port } = probe.address() as { port: number };
        await new Promise((closed) => probe.close(closed));
        return port;
      };
      await new Promise<void>((listening) => line.listen(0, '127.0.0.1', listening));
      const behind = {
        port: await free(),
        advertisedPort: (line.address() as { port: number }).port,
      };
      await kafka.stop();
      kafka = await startLocalKafka({ dataDir, behind });
      for (const [address, told] of [
        [`127.0.0.1:${behind.advertisedPort}`, behind.advertisedPort],
        [kafka.brokers[0]!, portOf(kafka)],
      ] as const) {
        const admin = new Kafka({ brokers: [address], logLevel: logLevel.NOTHING }).admin();
        await admin.connect();
        expect((await admin.describeCluster()).brokers.map(({ port }) => port)).toEqual([told]);
        await admin.disconnect();
      }
      await new Promise((closed) => line.close(closed));
    });

    test('says in one line that its port is taken, or its folder in use', async () => {
      const other = createServer();
      await new Promise<void>((listening) => other.listen(0, '127.0.0.1', listening));
      const { port } = other.address() as { port: number };
      await expect(startLocalKafka({ dataDir: join(dataDir, 'other'), port })).rejects.toThrow(
        `Port ${port} on 127.0.0.1 is taken: stop what listens there, or choose another port.`,
      );
      other.close();
      await expect(startLocalKafka({ dataDir })).rejects.toThrow(
        `The data folder ${dataDir} is in use by process ${process.pid}: stop that ` +
          'process first, or choose another folder.',
      );
    });
  });
});
