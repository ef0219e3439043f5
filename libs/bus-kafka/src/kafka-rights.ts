import { CannotStart } from '@caretab/kernel';
import { silentLog } from '@caretab/bus';
import {
  AclOperationTypes as Operation,
  AclPermissionTypes as Permission,
  AclResourceTypes as Resource,
  ResourcePatternTypes as Pattern,
} from 'kafkajs';
import { kafkaClient, type KafkaConnection, kafkaErrorType } from './kafka-client';
import { kafkaRefused } from './kafka-refused';

/** One ACL of a cluster, in the words of Kafka's own tools. */
export interface KafkaAcl {
  /** As `User:credit`. */
  readonly principal: string;
  /** As `topic`, `group` or `cluster`. */
  readonly resource: string;
  readonly name: string;
  readonly pattern: 'literal' | 'prefixed';
  /** As `DescribeConfigs`. */
  readonly operation: string;
  readonly isDenied: boolean;
  /** `*`: from every address. */
  readonly host: string;
}

export interface KafkaRights {
  readonly acls: readonly KafkaAcl[];
  /** The number of partitions of each topic that is there. */
  readonly topics: ReadonlyMap<string, number>;
}

/** The name of a code; kafkajs has its enumerations one way alone. */
const nameOf = (codes: object, code: number): string =>
  Object.entries(codes).find(([, value]) => value === code)?.[0] ?? 'UNKNOWN';

const wordOf = (constant: string): string =>
  constant
    .split('_')
    .map((part) => part[0]! + part.slice(1).toLowerCase())
    .join('');

const NO_AUTHORIZER =
  'KAFKA_BROKERS: Kafka has no authorizer, so that any client writes and reads any topic. Set on each ' +
  'node: authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer';
const NO_ADMINISTRATOR =
  'KAFKA_SASL_USERNAME: this user may not read the ACLs of others: sign in as an administrator';

/** What a cluster grants, as an administrator reads it. Throws CannotStart where it cannot be read. */
export const kafkaRights = async (connection: KafkaConnection): Promise<KafkaRights> => {
  const admin = kafkaClient(connection, silentLog).admin({ retry: { retries: 2 } });
  try {
    await admin.connect();
    const names = await admin.listTopics();
    const { topics } = await admin.fetchTopicMetadata({ topics: names });
    const { resources } = await admin.describeAcls({
      resourceType: Resource.ANY,
      resourcePatternType: Pattern.ANY,
      operation: Operation.ANY,
      permissionType: Permission.ANY,
    });
    return {
      topics: new Map(topics.map(({ name, partitions }) => [name, partitions.length])),
      acls: resources.flatMap(({ resourceType, resourceName, resourcePatternType, acls }) =>
        acls.map(({ principal, host, operation, permissionType }) => ({
          ...{ principal, host, name: resourceName },
          resource: nameOf(Resource, resourceType).toLowerCase().replaceAll('_', '-'),
          pattern: resourcePatternType === Pattern.PREFIXED ? 'prefixed' : 'literal',
          operation: wordOf(nameOf(Operation, operation)),
          isDenied: permissionType === Permission.DENY,
        })),
      ),
    };
  } catch (error) {
    const type = kafkaErrorType(error);
    if (type === 'SECURITY_DISABLED') throw new CannotStart(NO_AUTHORIZER, { cause: error });
    if (type === 'CLUSTER_AUTHORIZATION_FAILED')
      throw new CannotStart(NO_ADMINISTRATOR, { cause: error });
    throw kafkaRefused(error, connection.sasl);
  } finally {
    await admin.disconnect().catch(() => undefined);
  }
};
