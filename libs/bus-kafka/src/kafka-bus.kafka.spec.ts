import net from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { MESSAGE_BYTES_MAX } from '@caretab/contracts';
import {
  CompressionCodecs,
  CompressionTypes,
  ConfigResourceTypes,
  Kafka,
  logLevel,
  Partitioners,
  type ProducerRecord,
} from 'kafkajs';
import {
  type Message,
  partitionOf,
  type ReceivedMessage,
  type TopicDeclaration,
} from '@caretab/bus';
import { KafkaBus, type KafkaBusOptions } from './kafka-bus';

const brokers = (process.env.KAFKA_BROKERS ?? '').split(',');
const plain = new Kafka({ brokers, clientId: 'plain', logLevel: logLevel.NOTHING });
const until = async (
  condition: () => boolean | Promise<boolean>,
  timeoutMs = 30_000,
): Promise<void> => {
  for (const from = Date.now(); !(await condition()); await wait(5))
    if (Date.now() - from > timeoutMs) throw new Error('what the test waits for did not come');
};
const message = (key: string, value: string): Message => ({ key, value, headers: {} });
const spread = (count: number, keys = 20): Message[] =>
  Array.from({ length: count }, (_, index) => message(`visit-${index % keys}`, String(index)));
/**
 * Snappy without compressing: the length, then literals. kafkajs has no codec for it; a hospital's
 * producer may well have.
 */
const snappy = (bytes: Buffer): Buffer => {
  const length: number[] = [];
  for (let left = bytes.length; ; left >>>= 7) {
    length.push(left > 127 ? (left & 127) | 128 : left);
    if (left <= 127) break;
  }
  const literal = Buffer.from([61 << 2, 0, 0]);
  literal.writeUInt16LE(bytes.length - 1, 1);
  return Buffer.concat([Buffer.from(length), literal, bytes]);
};
const namesOf = (received: readonly ReceivedMessage[]): string[] =>
  received.map(({ key, value }) => `${key}/${value}`);

describe('the bus on Kafka', () => {
  const buses: KafkaBus[] = [];
  const said: string[] = [];
  const say = (_facts: object, text: string): void => void said.push(text);
  let count = 0;
  let topic = '';
  let group = '';

  const another = (options: Partial<KafkaBusOptions> = {}): KafkaBus => {
    const bus = new KafkaBus({
      brokers,
      clientId: 'caretab-test',
      sessionMs: 6000,
      heartbeatMs: 200,
      logger: { info: say, warn: say, error: say },
      ...options,
    });
    buses.push(bus);
    return bus;
  };
  const declaration = (more: Partial<TopicDeclaration> = {}): TopicDeclaration => ({
    name: topic,
    partitions: 6,
    retentionMs: 60_000,
    ...more,
  });
  const settingsOf = async (name: string): Promise<Record<string, string>> => {
    const admin = plain.admin();
    await admin.connect();
    const { resources } = await admin.describeConfigs({
      includeSynonyms: false,
      resources: [{ type: ConfigResourceTypes.TOPIC, name }],
    });
    await admin.disconnect();
    return Object.fromEntries(
      resources[0]!.configEntries.map(({ configName, configValue }) => [configName, configValue]),
    );
  };

  beforeEach(() => {
    const run = `${process.pid.toString(36)}-${Date.now().toString(36)}-${(count += 1)}`;
    [topic, group] = [`test.kafka.${run}`, `kafka.test.${run}`];
    said.length = 0;
  });
  afterEach(async () => void (await Promise.all(buses.splice(0).map((bus) => bus.close()))));

  test('creates a topic as it was declared', async () => {
    await another().declare([
      declaration({ partitions: 3, retentionMs: 123_000, compacted: true }),
    ]);
    expect(await settingsOf(topic)).toMatchObject({
      'retention.ms': '123000',
      'cleanup.policy': 'compact',
    });
    expect(said).toEqual([]);
  });

  test('refuses a topic that has fewer or more partitions than declared, and says what to do', async () => {
    await another().declare([declaration({ partitions: 4 })]);
    await expect(another().declare([declaration({ partitions: 6 })])).rejects.toThrow(
      `Topic ${topic} has 4 partitions on the broker and 6 are declared; keys would move`,
    );
    await expect(another().declare([declaration({ partitions: 2 })])).rejects.toThrow(
      `Topic ${topic} has 4 partitions on the broker and 2 are declared; partitions cannot be taken away`,
    );
  });

  test('says in one line what differs in retention and compaction, and changes nothing', async () => {
    await another().declare([declaration()]);
    await another().declare([declaration({ retentionMs: 99_000, compacted: true })]);
    expect(said).toEqual([
      expect.stringContaining(
        `topic ${topic} has retention.ms=60000 on the broker, 99000 is declared`,
      ),
      expect.stringContaining(
        `topic ${topic} has cleanup.policy=delete on the broker, compact is declared`,
      ),
    ]);
    expect(await settingsOf(topic)).toMatchObject({
      'retention.ms': '60000',
      'cleanup.policy': 'delete',
    });
  });

  test('takes whatever bytes a producer wrote, marks what is no text, and goes on behind it', async () => {
    const bus = another();
    await bus.declare([declaration({ partitions: 1 })]);
    const sendRaw = async (record: Omit<ProducerRecord, 'topic'>): Promise<void> => {
      const producer = plain.producer({ createPartitioner: Partitioners.DefaultPartitioner });
      await producer.connect();
      await producer.send({ topic, ...record }).finally(() => producer.disconnect());
    };
    await sendRaw({
      messages: [
        { key: null, value: null },
        {
          key: Buffer.from([0xff, 0xfe]),
          value: Buffer.from([0xc3]),
          headers: { ce_id: [Buffer.from('a'), Buffer.from('b')] },
        },
        { key: 'k', value: 'v', headers: { ce_id: '', ['__proto__']: 'p', constructor: '' } },
      ],
    });
    CompressionCodecs[CompressionTypes.Snappy] = () => ({
      compress: async ({ buffer }: { buffer: Buffer }) => snappy(buffer),
      decompress: async () => Promise.reject(new Error('kafkajs cannot')),
    });
    await sendRaw({
      compression: CompressionTypes.Snappy,
      messages: [{ key: 'k', value: 'compressed' }],
    });
    const received: ReceivedMessage[] = [];
    await bus.consume(
      { group, topics: [topic] },
      async ({ messages }) => void received.push(...messages),
    );
    await until(() => received.length >= 4);
    expect(
      received.map(({ key, value, headers }) => [key, value, Object.entries(headers)]),
    ).toEqual([
      ['', '', []],
      [
        'base64://4=',
        'base64:ww==',
        [
          ['ce_id', '["a","b"]'],
          ['caretab-unreadable', 'key: no UTF-8; value: no UTF-8; ce_id: 2 different values'],
        ],
      ],
      [
        'k',
        'v',
        [
          ['ce_id', ''],
          ['__proto__', 'p'],
          ['constructor', ''],
        ],
      ],
      ['k', 'compressed', []],
    ]);
    await until(async () => (await bus.lag(group, [topic])) === 0);
  });

  test('a connection that dies without a word is replaced: what is sent and what is read goes on', async () => {
    const connect = jest.spyOn(net, 'connect');
    const requestMs = 1500;
    const bus = another({ requestMs });
    await bus.declare([declaration()]);
    const received: ReceivedMessage[] = [];
    await bus.consume(
      { group, topics: [topic] },
      async ({ messages }) => void received.push(...messages),
    );
    await bus.send(topic, spread(10));
    await until(() => received.length >= 10);
    for (const { value } of connect.mock.results) {
      const socket = value as net.Socket;
      socket.removeAllListeners('data').resume();
      socket.write = () => true;
    }
    await bus.send(topic, [message('visit-after', 'after')]);
    await until(() => received.some(({ value }) => value === 'after'));
    connect.mockRestore();
  });

  test('a consumer that declares its topics again, with other words, changes nothing and hears nothing', async () => {
    const bus = another();
    await bus.declare([declaration({ partitions: 2, compacted: true })]);
    await bus.declare([declaration({ partitions: 6 })]);
    expect(said).toEqual([]);
  });

  test('a process that only watches is told how far a group is behind', async () => {
    const bus = another();
    await bus.declare([declaration()]);
    await bus.send(topic, spread(30));
    expect(
      await Promise.all([another().lag(group, [topic]), another().lag(group, [topic])]),
    ).toEqual([30, 30]);
  });

  test('processes that declare the same topics at the same moment all succeed', async () => {
    const topics = Array.from({ length: 5 }, (_, index) =>
      declaration({ name: `${topic}.${index}` }),
    );
    await Promise.all(Array.from({ length: 4 }, () => another().declare(topics)));
    expect(said).toEqual([]);
  });

  test('a plain Kafka client reads what was sent: CloudEvents binary mode, UTF-8', async () => {
    const bus = another();
    await bus.declare([declaration()]);
    const headers = {
      ce_specversion: '1.0',
      ce_id: 'e1',
      ce_type: 'VisitOpened',
      'content-type': 'application/json',
      traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
      note: '就诊',
    };
    await bus.send(topic, [{ key: '就诊-1', value: '{"项目":"甲"}', headers }]);
    const consumer = plain.consumer({ groupId: group, maxWaitTimeInMs: 100 });
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    const seen: object[] = [];
    await consumer.run({
      eachMessage: async ({ partition, message: { key, value, headers: got } }) =>
        void seen.push({
          partition,
          key: key?.toString(),
          value: value?.toString(),
          headers: Object.fromEntries(
            Object.entries(got ?? {}).map(([name, text]) => [name, String(text)]),
          ),
        }),
    });
    await until(() => seen.length === 1);
    await consumer.disconnect();
    expect(seen).toEqual([
      { partition: partitionOf('就诊-1', 6), key: '就诊-1', value: '{"项目":"甲"}', headers },
    ]);
  });

  test('reads what a plain Kafka client wrote, from the partition that client chose', async () => {
    const bus = another();
    await bus.declare([declaration()]);
    const producer = plain.producer({
      idempotent: true,
      createPartitioner: Partitioners.DefaultPartitioner,
    });
    await producer.connect();
    await producer.send({
      topic,
      messages: [
        ...Array.from({ length: 30 }, (_, index) => ({
          key: `visit-${index}`,
          value: String(index),
          headers: { ce_id: String(index) },
        })),
      ],
    });
    await producer.disconnect();
    const received: ReceivedMessage[] = [];
    await bus.consume(
      { group, topics: [topic] },
      async ({ messages }) => void received.push(...messages),
    );
    await until(() => received.length >= 30);
    expect(received).toHaveLength(30);
    for (const { key, partition, value, headers } of received) {
      expect(partition).toBe(partitionOf(key, 6));
      expect(headers).toEqual({ ce_id: value });
    }
  });

  test('a rebalance in mid-batch loses nothing, does nothing twice and keeps the order of every key', async () => {
    const bus = another();
    await bus.declare([declaration()]);
    const handled: string[] = [];
    const atWork = new Set<string>();
    const handle = async ({
      partition,
      messages,
    }: {
      partition: number;
      messages: readonly ReceivedMessage[];
    }): Promise<void> => {
      const name = `${partition}`;
      expect(atWork.has(name)).toBe(false);
      atWork.add(name);
      await wait(20);
      handled.push(...namesOf(messages));
      atWork.delete(name);
    };
    const join = (one: KafkaBus) =>
      one.consume({ group, topics: [topic], batchSizeMax: 10 }, handle);
    await join(bus);
    const messages = spread(3000);
    for (let at = 0; at < 1000; at += 100) await bus.send(topic, messages.slice(at, at + 100));
    await until(() => handled.length > 100);
    const second = await join(another());
    await bus.send(topic, messages.slice(1000, 2000));
    await until(() => handled.length > 700);
    const third = await join(another());
    await until(() => handled.length > 1200);
    await second.stop();
    await bus.send(topic, messages.slice(2000));
    await until(() => handled.length > 2000);
    await third.stop();
    await until(async () => (await bus.lag(group, [topic])) === 0);
    expect([...handled].sort()).toEqual(namesOf(messages as ReceivedMessage[]).sort());
    for (let key = 0; key < 20; key += 1) {
      const order = handled
        .filter((name) => name.startsWith(`visit-${key}/`))
        .map((name) => Number(name.split('/')[1]));
      expect(order).toEqual([...order].sort((a, b) => a - b));
    }
  });

  test(
    'a clock that jumps back an hour stops no consumer: nothing is lost, and ' +
      'nothing waits for the clock to catch up',
    async () => {
      const [bus, other] = [another(), another()];
      await bus.declare([declaration()]);
      const handled: string[] = [];
      const handle = async ({
        messages,
      }: {
        messages: readonly ReceivedMessage[];
      }): Promise<void> => void handled.push(...namesOf(messages));
      await bus.consume({ group, topics: [topic] }, handle);
      await other.consume({ group, topics: [topic] }, handle);
      const messages = spread(90);
      await bus.send(topic, messages.slice(0, 30));
      await until(async () => (await bus.lag(group, [topic])) === 0);
      const now = Date.now;
      Date.now = () => now() - 3_600_000;
      try {
        await bus.send(topic, messages.slice(30, 60));
        await until(() => new Set(handled).size === 60);
        // Longer than a session lasts without a heartbeat.
        await wait(8000);
        await bus.send(topic, messages.slice(60));
        await until(async () => (await bus.lag(group, [topic])) === 0, 20_000);
      } finally {
        Date.now = now;
      }
      expect([...new Set(handled)].sort()).toEqual(namesOf(messages as ReceivedMessage[]).sort());
    },
  );

  test(
    'a handler that works longer than the session lasts stays a member, and holds ' +
      'no other partition up',
    async () => {
      const bus = another();
      await bus.declare([declaration()]);
      const slow = partitionOf('visit-0', 6);
      const handled: string[] = [];
      await bus.consume({ group, topics: [topic] }, async ({ partition, messages }) => {
        if (partition === slow) await wait(8000);
        handled.push(...namesOf(messages));
      });
      await bus.send(topic, [message('visit-0', 'slow')]);
      await wait(500);
      const others = spread(50).filter(({ key }) => partitionOf(key, 6) !== slow);
      await bus.send(topic, others);
      await until(() => handled.length === others.length, 3000);
      await until(async () => (await bus.lag(group, [topic])) === 0);
      expect(handled.filter((name) => name === 'visit-0/slow')).toHaveLength(1);
    },
  );

  test(
    'a send larger than a request is split and keeps its order; one that the broker ' +
      'refuses does not fail the others',
    async () => {
      const bus = another();
      await bus.declare([declaration()]);
      const large = Array.from({ length: 3000 }, (_, index) =>
        message('visit-0', `${index} ${'x'.repeat(1000)}`),
      );
      const [first, refused, last] = await Promise.allSettled([
        bus.send(topic, large),
        bus.send(topic, [message('visit-0', 'x'.repeat(MESSAGE_BYTES_MAX))]),
        bus.send(topic, [message('visit-0', '3000')]),
      ]);
      expect([first!.status, refused!.status, last!.status]).toEqual([
        'fulfilled',
        'rejected',
        'fulfilled',
      ]);
      const values: number[] = [];
      await bus.consume(
        { group, topics: [topic] },
        async ({ messages }) =>
          void values.push(...messages.map(({ value }) => Number(value.split(' ')[0]))),
      );
      await until(() => values.length >= 3001);
      expect(values).toEqual(Array.from({ length: 3001 }, (_, index) => index));
    },
  );

  test('fetches no further than handlers can follow, and goes on when they do', async () => {
    const bus = another();
    await bus.declare([declaration({ partitions: 1 })]);
    const all = Array.from({ length: 60 }, () =>
      Array.from({ length: 200 }, () => message('visit-0', 'x'.repeat(1000))),
    );
    for (const part of all) await bus.send(topic, part);
    let handled = 0;
    let isHeld = true;
    await bus.consume({ group, topics: [topic] }, async ({ messages }) => {
      await until(() => !isHeld);
      handled += messages.length;
    });
    await wait(1500);
    const before = process.memoryUsage().heapUsed;
    isHeld = false;
    await until(() => handled === 12_000);
    expect(before).toBeLessThan(1024 ** 3);
    expect(await bus.lag(group, [topic])).toBe(0);
  });
});
