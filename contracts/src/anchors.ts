import { Type } from '@sinclair/typebox';
import { DAY_MS, topic } from './topic';

const Origin = Type.String({
  pattern: '^[^\\s+]{1,100}$',
  description: 'Which log: the name of the key that signed',
});

/** What a log has grown to, signed, for those who keep it outside: insurers, banks, auditors. */
export const visitLedgerAnchors = topic({
  name: 'visit-ledger.anchors',
  authors: ['visit-ledger'],
  description:
    'Signed checkpoints of the ledger of visits: who keeps them can prove later what it held.',
  keyField: 'origin',
  partitions: 1,
  retentionMs: 3650 * DAY_MS,
  events: {
    LogAnchored: Type.Object(
      {
        origin: Origin,
        size: Type.Integer({ minimum: 1, description: 'Entries of the log' }),
        note: Type.String({
          maxLength: 2000,
          description: 'A checkpoint (C2SP tlog-checkpoint) in a signed note (C2SP signed-note)',
        }),
      },
      { additionalProperties: false, description: 'The log has grown, and was signed' },
    ),
  },
});
