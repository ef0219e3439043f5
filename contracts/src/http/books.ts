import { Type } from '@sinclair/typebox';
import { Anchors } from './proof';
import { route } from './route';
import { closed, Count, oneOf, orNull } from './shapes';

/** The entries of services that hold money. */
export const bookRoutes = {
  verifyBook: route({
    method: 'GET',
    path: '/{service}/book/proof',
    action: 'books.verify',
    whose: 'platform',
    summary: 'Whether an entry of credit’s or payment’s book was changed, taken away or put in',
    description:
      'Answers a line of JSON as it goes on; the last one is the report, or why it stopped.',
    params: closed({ service: Type.String({ minLength: 1, maxLength: 60 }) }),
    responses: {
      200: Type.Union([
        closed({ checked: Count }),
        closed({
          entries: { ...Count, description: 'Entries that are booked' },
          waiting: { ...Count, description: 'Entries that are to be booked: a minute or two' },
          intact: Type.Boolean(),
          faults: Type.Array(
            closed({
              kind: {
                ...oneOf('changed', 'missing', 'added', 'gap'),
                description:
                  'changed: the entry is another than was booked; missing: it is not there any more; ' +
                  'added: it stands among those that were booked, and was not; gap: positions are ' +
                  'left out before it',
              },
              position: orNull({ ...Count, description: 'In the book' }),
              key: Type.String({ description: 'Of the entry: its fields that are its key' }),
            }),
            { description: 'The first hundred' },
          ),
          anchors: orNull(Anchors),
        }),
        closed({ stopped: Type.String({ description: 'Error code' }) }),
      ]),
    },
    lines: true,
    problems: ['SERVICE_UNKNOWN'],
  }),
};
