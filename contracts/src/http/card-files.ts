import { Type } from '@sinclair/typebox';
import { CardNumber } from './cards';
import { route } from './route';
import { closed, Count, oneOf, Why } from './shapes';

const RowNumber = Type.Integer({ minimum: 1, maximum: 100_000_000 });
const WhichFile = closed({
  fileHash: Type.String({
    pattern: '^[0-9a-f]{64}$',
    description: 'SHA-256 of the whole file, in hex: the same content is the same file',
  }),
});
const Reject = closed({
  row: RowNumber,
  field: Type.String(),
  code: Type.String(),
  why: Type.String(),
  whatToDo: Type.String(),
});

/** The black list that a city sends to the province, part by part. */
export const cardFileRoutes = {
  sendCardFileRows: route({
    method: 'POST',
    path: '/identity/card-files/{fileHash}/rows',
    action: 'card-files.send',
    whose: 'platform',
    summary: 'The next 1 to 200 rows of a black-list file; the same part again changes nothing',
    description:
      'Rows that cannot be taken are answered with their number and what to do; the others count. ' +
      'A part is taken as a whole with its place, so a sender that broke off goes on behind `through`.',
    params: WhichFile,
    body: closed({
      firstRow: RowNumber,
      rows: Type.Array(
        closed({ number: CardNumber, change: oneOf('report-lost', 'freeze', 'close'), why: Why }),
        { minItems: 1, maxItems: 200 },
      ),
    }),
    responses: { 200: closed({ through: Count, rejects: Type.Array(Reject) }) },
    problems: ['CARD_FILE_DIFFERS'],
  }),
  readCardFile: route({
    method: 'GET',
    path: '/identity/card-files/{fileHash}',
    action: 'card-files.read',
    whose: 'platform',
    summary: 'How far a file of the caller’s was taken: 0 rows where none came',
    params: WhichFile,
    responses: { 200: closed({ through: Count, rejected: Count }) },
    problems: [],
  }),
};
