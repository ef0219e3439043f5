import * as contracts from '@caretab/contracts';
import { filesUnder, isShippingCode, textOf } from './repository';
import { type Consumption, consumptionsIn, publishedIn } from './scan';
import { errorsOfAll, type ErrorUse } from './scan-errors';

export interface CataloguedTopic {
  /** The name contracts export it by. */
  readonly exportName: string;
  /**
   * Folder of its schemas and id of its channel: the topic's name, without the parameter of an
   * insurer's or a hospital's.
   */
  readonly slug: string;
  /** Name on the bus; an insurer's holds `{payerId}`, a hospital's `{institutionId}`. */
  readonly address: string;
  readonly topic: contracts.Topic;
  readonly publishers: readonly string[];
  readonly consumptions: readonly Consumption[];
}

const isTopic = (value: unknown): value is contracts.Topic =>
  typeof value === 'object' && value !== null && 'keyField' in value && 'events' in value;

/**
 * Every topic of contracts, in the order of their names, with who publishes and who consumes it as
 * the code says.
 */
export const catalogue = (root: string): readonly CataloguedTopic[] => {
  const code = filesUnder(root, 'services').filter(isShippingCode);
  const consumptions = code.flatMap((file) => consumptionsIn(file, textOf(root, file)));
  const published = code.flatMap((file) =>
    publishedIn(file, textOf(root, file)).map((name) => ({ name, service: file.split('/')[1]! })),
  );
  const described = (
    exportName: string,
    slug: string,
    topic: contracts.Topic,
  ): CataloguedTopic => ({
    exportName,
    slug,
    address: topic.name,
    topic,
    publishers: [
      ...new Set(
        published
          .filter((publication) => publication.name === exportName)
          .map((publication) => publication.service),
      ),
    ].sort(),
    consumptions: consumptions
      .filter((consumption) => consumption.topic === exportName)
      .sort((a, b) => a.group.localeCompare(b.group)),
  });
  const plain = Object.entries(contracts).flatMap(([name, value]) =>
    isTopic(value) ? [described(name, value.name, value)] : [],
  );
  const oneEach = [
    described(
      'insurerSettlements',
      'insurer.settlements',
      contracts.insurerSettlements('{payerId}'),
    ),
    described('hospitalReports', 'hospital.reports', contracts.hospitalReports('{institutionId}')),
  ];
  return [...plain, ...oneEach].sort((a, b) => a.slug.localeCompare(b.slug));
};

/** Every DomainError the shipping code makes. */
export const errorUses = (root: string): readonly ErrorUse[] =>
  errorsOfAll(
    filesUnder(root)
      .filter(isShippingCode)
      .map((file) => [file, textOf(root, file)] as const),
  );
