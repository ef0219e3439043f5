import type { KafkaAcl } from '@caretab/bus-kafka';
import { kafkaDifferences, kafkaScript } from './kafka-grants';

/** What a cluster has where the printed commands were run. */
const granted = (): readonly KafkaAcl[] =>
  kafkaScript(['credit'])
    .slice(1)
    .flatMap((command) => {
      const [, principal] = /--allow-principal '([^']+)'/.exec(command)!;
      const [, resource, name] = /--(topic|group) '([^']+)'/.exec(command)!;
      const pattern = command.endsWith('prefixed') ? ('prefixed' as const) : ('literal' as const);
      return [...command.matchAll(/--operation (\w+)/g)].map(([, operation]) => ({
        ...{ principal: principal!, resource: resource!, name: name!, pattern },
        ...{ operation: operation!, isDenied: false, host: '*' },
      }));
    });
const differences = (acls: readonly KafkaAcl[], topics: readonly [string, number][] = []) =>
  kafkaDifferences(['credit'], { acls, topics: new Map(topics) });

test('what the commands give differs in nothing', () => expect(differences(granted())).toEqual([]));

test('a right that is missing, or holds for one address alone, is printed with its command', () => {
  const write = (acl: KafkaAcl) =>
    acl.name === 'credit.authorizations' && acl.operation === 'Write';
  const lacks = [
    '# User:credit lacks Write on topic credit.authorizations',
    expect.stringMatching(
      /--add --allow-principal 'User:credit' --operation Write --topic 'credit.authorizations'/,
    ),
  ];
  expect(differences(granted().filter((acl) => !write(acl)))).toEqual(lacks);
  expect(
    differences(granted().map((acl) => (write(acl) ? { ...acl, host: '10.0.0.1' } : acl))),
  ).toEqual(lacks);
});

test('a right too many, one for everybody, and one that is denied are each taken back', () => {
  const of = { resource: 'topic', name: 'credit.accounts', pattern: 'literal', host: '*' } as const;
  const more: readonly KafkaAcl[] = [
    { ...of, principal: 'User:credit', operation: 'Delete', isDenied: false },
    { ...of, principal: 'User:*', operation: 'Read', isDenied: false },
    { ...of, principal: 'User:credit', operation: 'Read', isDenied: true, host: '10.0.0.1' },
    { ...of, principal: 'User:another', operation: 'All', isDenied: false },
  ];
  expect(differences([...granted(), ...more])).toEqual([
    '# User:credit must not have Delete on topic credit.accounts',
    expect.stringMatching(/--remove --force --allow-principal 'User:credit' --operation Delete/),
    '# User:* must not have Read on topic credit.accounts',
    expect.stringMatching(/--remove --force --allow-principal 'User:\*' --operation Read/),
    '# User:credit is denied Read on topic credit.accounts',
    expect.stringMatching(/--remove --force --deny-principal .* --deny-host '10.0.0.1'$/),
  ]);
});

test('a topic of other partitions is named, one that is missing is not', () =>
  expect(differences(granted(), [['payment.payments', 1]])).toEqual([
    expect.stringMatching(/^# topic payment.payments has 1 partitions and \d+ are declared/),
  ]));
