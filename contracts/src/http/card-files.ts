import { type Static, Type } from '@sinclair/typebox';
import { Instant } from '../schemas';
import { IssuedCard, ToldResident } from './card-platforms';
import { CardNumber, CardStatus } from './cards';
import { route } from './route';
import { closed, Count, Moment, oneOf, Why } from './shapes';

export const CARD_FILE_KINDS = [
  'cards',
  'blacklist',
  'residents',
  'whitelist',
  'operations',
] as const;
export type CardFileKind = (typeof CARD_FILE_KINDS)[number];
const Kind = Type.Optional(
  Type.Union(
    CARD_FILE_KINDS.map((kind) => Type.Literal(kind)),
    { default: 'blacklist', description: 'What its rows are; a black list where left out' },
  ),
);

const ListedCard = closed({ number: CardNumber });
const UsedCard = closed({
  number: CardNumber,
  operation: oneOf('read', 'write', 'pin-change', 'pin-unlock'),
  at: Instant,
});
const EndedCard = closed({
  number: CardNumber,
  change: oneOf('report-lost', 'freeze', 'close'),
  why: Why,
});
/** What a row of each kind of file says. */
export const cardFileRows = {
  cards: closed(IssuedCard),
  blacklist: EndedCard,
  residents: closed(ToldResident),
  whitelist: ListedCard,
  operations: UsedCard,
} as const;
export type CardFileRowOf<Kind extends CardFileKind> = Static<(typeof cardFileRows)[Kind]>;

export const CARD_FILE_PART_MAX = 1_000;

const RowNumber = Type.Integer({ minimum: 1, maximum: 100_000_000 });
const After = Type.Optional(
  Type.String({ pattern: '^\\d{1,15}$', description: 'Behind this number' }),
);
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

/** Files that a city and the province exchange about cards, part by part. */
export const cardFileRoutes = {
  sendCardFileRows: route({
    method: 'POST',
    path: '/identity/card-files/{fileHash}/rows',
    action: 'card-files.send',
    whose: 'platform',
    summary: 'The next 1 to 1,000 rows of a file; the same part again changes nothing',
    description:
      'Each row is checked on its own: one that cannot be taken is answered with its number, field, ' +
      'why and what to do; the others count. A part is taken as a whole with its place, so a sender ' +
      'that broke off goes on behind `through`. Rows are as docs/integration-cards.md says.',
    params: WhichFile,
    body: closed({
      kind: Kind,
      firstRow: RowNumber,
      rows: Type.Array(Type.Record(Type.String({ maxLength: 40 }), Type.Unknown()), {
        minItems: 1,
        maxItems: CARD_FILE_PART_MAX,
      }),
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
    query: closed({ kind: Kind }),
    responses: { 200: closed({ through: Count, rejected: Count }) },
    problems: [],
  }),
  listCardFileRejects: route({
    method: 'GET',
    path: '/identity/card-files/{fileHash}/rejects',
    action: 'card-files.list-rejects',
    whose: 'platform',
    summary: 'The rows of a file of the caller’s that were not taken, and why: a page of parts',
    description: 'Ask again behind `next` until there is none.',
    params: WhichFile,
    query: closed({ kind: Kind, after: After }),
    responses: { 200: closed({ rejects: Type.Array(Reject), next: Type.Optional(Count) }) },
    problems: [],
  }),
  downloadCardList: route({
    method: 'GET',
    path: '/identity/card-lists/{list}',
    action: 'card-lists.download',
    whose: 'platform',
    summary: 'The white or the black list behind a number as a file, an entry a line',
    description:
      'First a line with `hashKey`; then the entries in the order of their numbers; the last line has ' +
      '`through`, the number of `rows`, and the SHA-256 of the lines of the entries. Without that line ' +
      'the file broke off: go on behind the number of its last entry.',
    params: closed({ list: oneOf('white', 'black') }),
    query: closed({ after: After }),
    lines: true,
    responses: {
      200: Type.Union([
        closed({ hashKey: Type.String() }),
        closed({ sequence: Count, numberHash: Type.String(), why: CardStatus, at: Moment }),
        closed({ through: Count, rows: Count, sha256: Type.String() }),
      ]),
    },
    problems: [],
  }),
};
