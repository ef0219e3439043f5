import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, needs } from '@caretab/doubles';
import { KafkaBus } from '@caretab/bus-kafka';
import { topicsFor } from '@caretab/contracts';
import { eventually } from '@caretab/hospital';
import { isKafkaHere, type LocalKafka, startLocalKafka } from '@caretab/engines';
import {
  type AclEntry,
  AclOperationTypes,
  AclPermissionTypes,
  AclResourceTypes,
  type Admin,
  Kafka,
  logLevel,
  ResourcePatternTypes,
} from 'kafkajs';
import { caretab } from '../caretab/caretab';

const constantOf = (word: string): string =>
  word.replace(/(?<=[a-z])(?=[A-Z])/g, '_').toUpperCase();

/** What the printed command of `kafka-acls.sh --add` does. */
const added = (command: string): readonly AclEntry[] => {
  const [, principal] = /--allow-principal '([^']+)'/.exec(command)!;
  const [, resource, resourceName] = /--(topic|group) '([^']+)'/.exec(command)!;
  const [, pattern] = /--resource-pattern-type (\w+)/.exec(command)!;
  return [...command.matchAll(/--operation (\w+)/g)].map(([, operation]) => ({
    ...{ principal: principal!, host: '*', resourceName: resourceName! },
    resourceType: AclResourceTypes[constantOf(resource!) as 'TOPIC'],
    resourcePatternType: ResourcePatternTypes[constantOf(pattern!) as 'LITERAL'],
    operation: AclOperationTypes[constantOf(operation!) as 'READ'],
    permissionType: AclPermissionTypes.ALLOW,
  }));
};

needs('a Kafka that tests may kill (Java, Maven)', isKafkaHere(), () => {
  describe('the ACLs of a cluster', () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'caretab-acls-'));
    let kafka: LocalKafka;
    let admin: Admin;
    let signedIn: string;

    const check = async (brokers = kafka.brokers.join(',')) => {
      const lines: string[] = [];
      const args = ['grants', 'kafka', '--services', 'credit', '--check', brokers];
      const status = await caretab(args, (line) => lines.push(line));
      return { status, lines };
    };
    const credit = (): KafkaBus =>
      new KafkaBus({
        ...{ brokers: [signedIn], clientId: 'credit' },
        sasl: { mechanism: 'plain', username: 'credit', password: 'p' },
      });
    const takes = (taken: Partial<AclEntry>): Promise<unknown> =>
      admin.deleteAcls({
        filters: [
          {
            ...{ principal: 'User:credit', resourcePatternType: ResourcePatternTypes.ANY },
            ...{ operation: AclOperationTypes.ANY, permissionType: AclPermissionTypes.ANY },
            resourceType: AclResourceTypes.ANY,
            ...taken,
          },
        ],
      });

    beforeAll(async () => {
      const port = await freePort();
      signedIn = `127.0.0.1:${port}`;
      kafka = await startLocalKafka({
        ...{ dataDir, behind: { port, advertisedPort: port } },
        otherwise: {
          'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
          'super.users': 'User:ANONYMOUS',
          'listener.security.protocol.map':
            'PLAINTEXT:PLAINTEXT,BEHIND:SASL_PLAINTEXT,CONTROLLER:PLAINTEXT',
          'sasl.enabled.mechanisms': 'PLAIN',
          'listener.name.behind.plain.sasl.jaas.config':
            'org.apache.kafka.common.security.plain.PlainLoginModule required user_credit="p";',
        },
      });
      const client = { brokers: kafka.brokers, logLevel: logLevel.NOTHING };
      admin = new Kafka(client).admin();
      await admin.connect();
    });
    afterAll(async () => {
      await admin?.disconnect();
      await kafka?.stop();
      rmSync(dataDir, { recursive: true, force: true });
    });

    test('what is missing is printed as commands; after those nothing differs', async () => {
      const before = await check();
      expect(before.status).toBe(1);
      const commands = before.lines.filter((line) => !line.startsWith('#'));
      const printed: string[] = [];
      await caretab(['grants', 'kafka', '--services', 'credit'], (line) => printed.push(line));
      expect(commands).toEqual(printed.slice(1));
      await admin.createAcls({ acl: commands.flatMap(added) });
      await eventually(async () =>
        expect(await check()).toEqual({
          status: 0,
          lines: ['# Every right is there, and none too many.'],
        }),
      );
    });

    test('with them the user makes its topics, writes and reads its place', async () => {
      const bus = credit();
      const topics = topicsFor([]).filter(({ name }) => name.startsWith('credit.'));
      await bus.declare(topics);
      await bus.send('credit.authorizations', [{ key: 'k', value: '{}', headers: {} }]);
      expect(await bus.committed('credit.hold', ['visit-ledger.visits']).catch(String)).not.toMatch(
        /ACL/,
      );
      await bus.close();
    });

    test('a user without a right says so in one sentence', async () => {
      // A broker learns of a removed ACL a moment after the controller has answered.
      await takes({ resourceName: 'credit.authorizations', operation: AclOperationTypes.WRITE });
      const bus = credit();
      await eventually(() =>
        expect(
          bus.send('credit.authorizations', [{ key: 'k', value: '{}', headers: {} }]),
        ).rejects.toThrow(
          /^KAFKA_BROKERS: Kafka lacks ACLs for the user credit on credit.authorizations \(/,
        ),
      );
      // A broker that has looked the group up before says which right is missing, another does not.
      await takes({ resourceType: AclResourceTypes.GROUP });
      await eventually(() =>
        expect(bus.committed('credit.hold', ['credit.accounts'])).rejects.toThrow(
          /^KAFKA_BROKERS: Kafka (names|lacks ACLs for) the user credit .*the group credit\.hold .*grants kafka/s,
        ),
      );
      await bus.close();
    });

    test('a topic of other partitions is named; who is no administrator is told', async () => {
      await admin.createTopics({ topics: [{ topic: 'payment.payments', numPartitions: 1 }] });
      expect((await check()).lines).toContainEqual(
        expect.stringMatching(/^# topic payment.payments has 1 partitions and \d+ are declared/),
      );
      const env = { ...process.env };
      Object.assign(process.env, {
        ...{ KAFKA_SASL_MECHANISM: 'plain', KAFKA_SASL_USERNAME: 'credit' },
        KAFKA_SASL_PASSWORD: 'p',
      });
      await expect(check(signedIn)).rejects.toThrow(/^KAFKA_SASL_USERNAME: this user may not read/);
      process.env = env;
    });
  });
});
