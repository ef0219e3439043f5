import { join } from 'node:path';
import { catalogue } from './catalogue';

const HOSPITAL = 'hospital/{institutionId}';

test.each(catalogue(join(__dirname, '../..')).map((entry) => [entry.address, entry] as const))(
  '%s: who publishes it is its author, and no other service is',
  (_, { topic, publishers }) => {
    expect(topic.authors.filter((author) => author !== HOSPITAL)).toEqual(publishers);
  },
);
