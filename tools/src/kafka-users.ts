import { hospitalReports, insurerSettlements } from '@caretab/contracts';
import { CommandLine, exitWith } from '@caretab/command-line';
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

/**
 * Topics of which each insurer or hospital has one go by what their names begin with: the plans name
 * the insurers, the register the hospitals.
 */
const topicOf = ({ address }: CataloguedTopic): Acl['resource'] => {
  const [prefix, ...more] = address.split('{');
  return more.length === 0
    ? { type: 'topic', name: address, patternType: 'literal' }
    : { type: 'topic', name: prefix!, patternType: 'prefix' };
};

/** A hospital's own topic is made by who takes it over; all others by each service at its start. */
const isDeclaredBy = (service: string, entry: CataloguedTopic): boolean =>
  !entry.topic.authors.some((author) => author.startsWith('hospital/')) ||
  groupsOf(service, entry).length > 0;

/** Who compares a topic of its own with what stands behind it, in groups whose names begin so. */
const AUDITS: Readonly<Record<string, { readonly topic: string; readonly groups: string }>> = {
  'visit-ledger': { topic: 'visit-ledger.visits', groups: 'visit-ledger.topic-audit.' },
};

const readsItself = (service: string, { address }: CataloguedTopic): boolean =>
  AUDITS[service]?.topic === address;

const groupsOf = (service: string, { consumptions }: CataloguedTopic): string[] =>
  consumptions.map(({ group }) => group).filter((group) => group.startsWith(`${service}.`));

const serviceUser = (service: string, topics: readonly CataloguedTopic[]): KafkaUser => ({
  name: service,
  acls: [
    ...topics
      .filter((entry) => isDeclaredBy(service, entry))
      .map((entry) => ({
        resource: topicOf(entry),
        // Every service declares all topics at its start: what is missing is made, the rest compared.
        operations: [
          ...['Describe', 'DescribeConfigs', 'Create'],
          ...(entry.topic.authors.includes(service) ? ['Write'] : []),
          ...(groupsOf(service, entry).length > 0 || readsItself(service, entry) ? ['Read'] : []),
        ],
      })),
    ...[...new Set(topics.flatMap((entry) => groupsOf(service, entry)))]
      .sort()
      .map((name): Acl => ({
        resource: { type: 'group', name, patternType: 'literal' },
        operations: ['Describe', 'Read'],
      })),
    ...(AUDITS[service] ? [auditGroups(AUDITS[service].groups)] : []),
  ],
});

const auditGroups = (name: string): Acl => ({
  resource: { type: 'group', name, patternType: 'prefix' },
  operations: ['Describe', 'Read'],
});

const insurerUser = (payerId: string): KafkaUser => ({
  name: `insurer-${payerId}`,
  acls: [
    {
      resource: {
        ...{ type: 'topic', name: insurerSettlements(payerId).name, patternType: 'literal' },
      },
      operations: ['Describe', 'Read'],
    },
    {
      resource: { type: 'group', name: `${payerId}.`, patternType: 'prefix' },
      operations: ['Describe', 'Read'],
    },
  ],
});

/** A hospital with a producer of its own: which those are, the region knows. */
export const hospitalUser = (institutionId: string): KafkaUser => ({
  name: `hospital-${institutionId.toLowerCase()}`,
  acls: [
    {
      resource: {
        ...{ type: 'topic', name: hospitalReports(institutionId).name, patternType: 'literal' },
      },
      operations: ['Describe', 'Write'],
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

const HELP = `node tools/dist/kafka-users.js HZ003 …   prints the KafkaUsers of hospitals with producers of their own:
each may write to its own topic, and nothing else`;

const INSTITUTION = /^[A-Z0-9]{2,20}$/;

/** Returns the exit status. */
export const run = (args: readonly string[], say: (text: string) => void): number => {
  const given = new CommandLine(args, { help: HELP, positionalsMax: HOSPITALS_MAX });
  const wrong = given.positionals.find((id) => !INSTITUTION.test(id));
  if (given.positionals.length === 0 || wrong !== undefined)
    throw given.wrong(wrong === undefined ? 'Which hospitals?' : `${wrong} is no institution id`);
  say(kafkaUsersText(given.positionals.map(hospitalUser)));
  return 0;
};
const HOSPITALS_MAX = 1000;

if (require.main === module)
  void exitWith(() => run(process.argv.slice(2), (text) => process.stdout.write(text)));
