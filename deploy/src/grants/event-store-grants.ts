/**
 * The user of the visit ledger in EventStoreDB. It is no administrator: one of those passes every
 * access list. What it needs beside the defaults is to read the log of all, which is for `$admins`
 * until the metadata of `$all` names others.
 */
export const eventStoreScript = (user: string): readonly string[] => [
  '# For a shell in this repository, with ADMIN_PASSWORD, LEDGER_PASSWORD, EVENTSTORE_HTTP (https://host:2113)',
  '# and EVENTSTORE_ADMIN (esdb://admin:password@host:2113?tlsCaFile=…) set.',
  'curl --fail --user "admin:$ADMIN_PASSWORD" "$EVENTSTORE_HTTP/users/" --header ' +
    `'Content-Type: application/json' --data '{"loginName":"${user}","fullName":"CareTab ` +
    'visit ledger","groups":[],"password":"\'"$LEDGER_PASSWORD"\'"}\'',
  "node -e \"require('@eventstore/db-client').EventStoreDBClient.connectionString(" +
    "process.env.EVENTSTORE_ADMIN).setStreamMetadata('\\$all', { acl: { readRoles: " +
    `['\\$admins', '${user}'] } }).then(() => process.exit(0))"`,
];
