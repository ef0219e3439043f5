import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { KafkaAcl, KafkaRights } from '@caretab/bus-kafka';
import { payerIds } from '@caretab/benefits';
import { topicsFor } from '@caretab/contracts';
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

const PATTERNS = { literal: 'literal', prefix: 'prefixed' } as const;

/** What a principal may do with a resource: a command of the tool each. */
type Grant = Pick<KafkaAcl, 'principal' | 'resource' | 'name' | 'pattern'> & {
  readonly operations: readonly string[];
};

const grantsOf = (services: readonly string[]): readonly Grant[] =>
  parseAllDocuments(readFileSync(USERS, 'utf8'))
    .map((document) => document.toJS() as KafkaUser)
    .filter(({ metadata }) => services.includes(metadata.name))
    .flatMap(({ metadata, spec }) =>
      spec.authorization.acls.map(({ resource: { type, name, patternType }, operations }) => ({
        principal: `User:${metadata.name}`,
        resource: type,
        name,
        pattern: PATTERNS[patternType],
        operations,
      })),
    );

const commandOf = (
  { principal, resource, name, pattern, operations }: Grant,
  does = '--add --allow-principal',
): string =>
  [
    'kafka-acls.sh --bootstrap-server "$KAFKA" --command-config "$ADMIN"',
    `${does} '${principal}'`,
    ...operations.map((operation) => `--operation ${operation}`),
    resource === 'cluster' ? '--cluster' : `--${resource} '${name}'`,
    `--resource-pattern-type ${pattern}`,
  ].join(' ');

/** The ACLs of these users of the bus, as Kafka's own tool takes them. */
export const kafkaScript = (services: readonly string[]): readonly string[] => [
  HEAD,
  ...grantsOf(services).map((grant) => commandOf(grant)),
];

const EVERYBODY = 'User:*';
const keyOf = (
  { principal, resource, name, pattern }: Omit<Grant, 'operations'>,
  operation: string,
): string => JSON.stringify([principal, resource, name, pattern, operation]);

/**
 * What differs between a cluster and what these services need, a line of comment and the command that
 * corrects it each: a right that is missing, one too many, one that is denied, a topic whose partitions
 * are other ones. Topics that are missing are made by services.
 */
export const kafkaDifferences = (
  services: readonly string[],
  { acls, topics }: KafkaRights,
): readonly string[] => {
  const wanted = grantsOf(services);
  const needed = new Set(
    wanted.flatMap((grant) => grant.operations.map((operation) => keyOf(grant, operation))),
  );
  const allowed = acls.filter(({ isDenied, host }) => !isDenied && host === '*');
  const given = new Set(allowed.map((acl) => keyOf(acl, acl.operation)));
  const ours = new Set([EVERYBODY, ...services.map((service) => `User:${service}`)]);
  const missing = wanted.flatMap((grant) => {
    const operations = grant.operations.filter((operation) => !given.has(keyOf(grant, operation)));
    if (operations.length === 0) return [];
    const { principal, resource, name } = grant;
    return [
      `# ${principal} lacks ${operations.join(', ')} on ${resource} ${name}`,
      commandOf({ ...grant, operations }),
    ];
  });
  const excess = acls
    .filter(({ principal }) => ours.has(principal))
    .filter((acl) => acl.isDenied || !needed.has(keyOf(acl, acl.operation)))
    .flatMap((acl) => [
      `# ${acl.principal} ${acl.isDenied ? 'is denied' : 'must not have'} ${acl.operation} on ` +
        `${acl.resource} ${acl.name}`,
      `${commandOf(
        { ...acl, operations: [acl.operation] },
        `--remove --force --${acl.isDenied ? 'deny' : 'allow'}-principal`,
      )} --${acl.isDenied ? 'deny' : 'allow'}-host '${acl.host}'`,
    ]);
  const partitioned = topicsFor(payerIds).flatMap(({ name, partitions }) => {
    const found = topics.get(name);
    if (found === undefined || found === partitions) return [];
    return [
      `# topic ${name} has ${found} partitions and ${partitions} are declared: no service starts on it ` +
        'unless TOPIC_PARTITIONS_MAX says so too',
    ];
  });
  return [...missing, ...excess, ...partitioned];
};
