import { Type } from '@sinclair/typebox';
import { BusinessDate, PayerId } from './schemas';
import { DAY_MS, topic } from './topic';

/** What a document of plans is called by: the same content is the same version, wherever it lies. */
export const PlanVersion = Type.String({
  pattern: '^[0-9a-f]{64}$',
  description: 'The SHA-256 of the document’s content',
});

/** A plan with many tables and examples has some 20 KB. */
export const PLAN_DOCUMENT_CHARS_MAX = 400_000;

export const adjudicationPlans = topic({
  name: 'adjudication.plans',
  authors: ['adjudication'],
  description:
    'Benefit plans and coordination files that two persons approved, whole. A coverage names them by ' +
    'version for as long as there are visits, so the topic is not pruned. Keyed by version.',
  keyField: 'version',
  partitions: 1,
  // A hundred years: what a version is called by never changes, and readers come late.
  retentionMs: 36_500 * DAY_MS,
  events: {
    PlanDocumentApproved: Type.Object(
      {
        version: PlanVersion,
        kind: Type.Union([Type.Literal('plan'), Type.Literal('coordination')]),
        name: Type.String({
          minLength: 1,
          maxLength: 60,
          description: 'The plan’s id, or the region of a coordination file',
        }),
        payerId: Type.Union([PayerId, Type.Null()]),
        effectiveFrom: BusinessDate,
        file: Type.String({
          maxLength: PLAN_DOCUMENT_CHARS_MAX,
          description: 'The document, JSON: its content has the version as its hash',
        }),
      },
      { additionalProperties: false },
    ),
  },
});
