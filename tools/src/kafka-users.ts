import { stringify } from 'yaml';
import type { CataloguedTopic } from './catalogue';

export const kafkaUsersPath = 'deploy/kafka-users.yaml';

/** Who may do what to a topic or a group, as Kafka's ACLs say it. */
export interface Acl {
  readonly resource: {
    readonly type: 'topic' | 'group';
    readonly name: string;
    readonly patternType: 'literal' | 'prefix';
  };
  readonly operations: readonly string[];
}

export interface KafkaUser {
  readonly name: string;
  readonly acls: readonly Acl[];
}

const INSURERS = 'insurer.';

/** The topics of all insurers go by their prefix: the plans name the insurers. */
const topicOf = ({ address }: CataloguedTopic): Acl['resource'] =>
  address.startsWith(INSURERS)
    ? { type: 'topic', name: INSURERS, patternType: 'prefix' }
    : { type: 'topic', name: address, patternType: 'literal' };

const groupsOf = (service: string, { consumptions }: CataloguedTopic): string[] =>
  consumptions.map(({ group }) => group).filter((group) => group.startsWith(`${service}.`));

const serviceUser = (service: string, topics: readonly CataloguedTopic[]): KafkaUser => ({
  name: service,
  acls: [
    ...topics.map((entry) => ({
      resource: topicOf(entry),
      // Every service declares all topics at its start: what is missing is made, the rest compared.
      operations: [
        ...['Describe', 'DescribeConfigs', 'Create'],
        ...(entry.topic.authors.includes(service) ? ['Write'] : []),
        ...(groupsOf(service, entry).length > 0 ? ['Read'] : []),
      ],
    })),
    ...[...new Set(topics.flatMap((entry) => groupsOf(service, entry)))]
      .sort()
      .map((name): Acl => ({
        resource: { type: 'group', name, patternType: 'literal' },
        operations: ['Describe', 'Read'],
      })),
  ],
});

const insurerUser = (payerId: string): KafkaUser => ({
  name: `insurer-${payerId}`,
  acls: [
    {
      resource: {
        ...{ type: 'topic', name: `${INSURERS}${payerId}.settlements`, patternType: 'literal' },
      },
      operations: ['Describe', 'Read'],
    },
    {
      resource: { type: 'group', name: `${payerId}.`, patternType: 'prefix' },
      operations: ['Describe', 'Read'],
    },
  ],
});

/** Every service, and every insurer of the shipped plans. */
export const kafkaUsers = (
  topics: readonly CataloguedTopic[],
  {
    services,
    payerIds,
  }: { readonly services: readonly string[]; readonly payerIds: readonly string[] },
): KafkaUser[] => [
  ...services.map((service) => serviceUser(service, topics)),
  ...payerIds.map(insurerUser),
];

const HEADER = `# Generated from contracts/ and the consumers' code by \`npm run generate\`; not edited by hand.
# Who may write to and read which topic, for a Kafka that Strimzi runs: set the label to its name.
`;

/** deploy/kafka-users.yaml: a Strimzi KafkaUser each, with a password of its own. */
export const kafkaUsersText = (users: readonly KafkaUser[]): string =>
  HEADER +
  users
    .map(({ name, acls }) =>
      stringify(
        {
          apiVersion: 'kafka.strimzi.io/v1beta2',
          kind: 'KafkaUser',
          metadata: { name, labels: { 'strimzi.io/cluster': 'kafka' } },
          spec: {
            authentication: { type: 'scram-sha-512' },
            authorization: { type: 'simple', acls },
          },
        },
        { aliasDuplicateObjects: false },
      ),
    )
    .join('---\n');
