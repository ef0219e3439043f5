import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';

/** Generated from the contracts and the consumers' code, for Strimzi. */
const USERS = join(__dirname, '../../kafka-users.yaml');

interface Acl {
  readonly resource: {
    readonly type: 'topic' | 'group';
    readonly name: string;
    readonly patternType: 'literal' | 'prefix';
  };
  readonly operations: readonly string[];
}

interface KafkaUser {
  readonly metadata: { readonly name: string };
  readonly spec: { readonly authorization: { readonly acls: readonly Acl[] } };
}

const HEAD = `# For a shell that has Kafka's own tools, with KAFKA (host:port) and ADMIN (a file of client properties)
# set. Each user's password: kafka-configs.sh --bootstrap-server "$KAFKA" --command-config "$ADMIN"
#   --alter --add-config 'SCRAM-SHA-512=[password=…]' --entity-type users --entity-name USER`;

const PATTERNS = { literal: 'literal', prefix: 'prefixed' };

const commandOf = (user: string, { resource, operations }: Acl): string =>
  [
    'kafka-acls.sh --bootstrap-server "$KAFKA" --command-config "$ADMIN" --add',
    `--allow-principal 'User:${user}'`,
    ...operations.map((operation) => `--operation ${operation}`),
    `--${resource.type} '${resource.name}'`,
    `--resource-pattern-type ${PATTERNS[resource.patternType]}`,
  ].join(' ');

/** The ACLs of these users of the bus, as Kafka's own tool takes them. */
export const kafkaScript = (services: readonly string[]): readonly string[] => {
  const users = parseAllDocuments(readFileSync(USERS, 'utf8')).map(
    (document) => document.toJS() as KafkaUser,
  );
  return [
    HEAD,
    ...users
      .filter(({ metadata }) => services.includes(metadata.name))
      .flatMap(({ metadata, spec }) =>
        spec.authorization.acls.map((acl) => commandOf(metadata.name, acl)),
      ),
  ];
};
