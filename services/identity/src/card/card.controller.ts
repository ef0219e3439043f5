import { cardRoutes as routes, Reply, type RouteAnswer } from '@caretab/contracts';
import { type Asked, Handles } from '@caretab/host';
import { DomainError } from '@caretab/kernel';
import { Controller, Inject } from '@nestjs/common';
import { Persons } from '../person/persons';
import type { CardBatchRow } from './card-batch.table';
import { CardBatches } from './card-batches';
import { CardList } from './card-list';
import { Cards } from './cards';

type Input<Name extends keyof typeof routes> = Asked<(typeof routes)[Name]>;
type Answer<Name extends keyof typeof routes> = Promise<RouteAnswer<(typeof routes)[Name]>>;

const shown = (batch: CardBatchRow) => {
  const { batchId, status, medium, child, cards, submittedAt, productionBatch, why } = batch;
  return {
    ...{ batchId, status, medium, child, cards, submittedAt },
    ...(productionBatch !== null && { productionBatch }),
    ...(why !== null && { why }),
  };
};

/** HTTP in → cards. */
@Controller()
export class CardController {
  constructor(
    @Inject(Cards) private readonly cards: Cards,
    @Inject(CardBatches) private readonly batches: CardBatches,
    @Inject(CardList) private readonly lists: CardList,
    @Inject(Persons) private readonly persons: Persons,
  ) {}

  @Handles(routes.listCards)
  async list({ params: { personId } }: Input<'listCards'>): Answer<'listCards'> {
    return { cards: await this.cards.list(personId) };
  }

  @Handles(routes.issueCard)
  async issue({ params, body, subject }: Input<'issueCard'>): Answer<'issueCard'> {
    const { card, created } = await this.cards.issue(params.personId, {
      ...{ ...body, mode: 'bank-counter', by: subject.id },
    });
    return created ? new Reply(201, card) : new Reply(200, card);
  }

  @Handles(routes.issueCardAtKiosk)
  async issueAtKiosk({
    params: { institutionId },
    body: { idNumber, name, ...body },
    subject,
  }: Input<'issueCardAtKiosk'>): Answer<'issueCardAtKiosk'> {
    const personId = await this.persons.recognise({ idNumber, name });
    const { card, created } = await this.cards.issue(personId, {
      ...{ ...body, mode: 'kiosk', by: subject.id, institutionId },
    });
    return created ? new Reply(201, card) : new Reply(200, card);
  }

  @Handles(routes.reportCardLost)
  lost({ params, subject }: Input<'reportCardLost'>): Answer<'reportCardLost'> {
    const { personId, cardId } = params;
    return this.cards.change(personId, cardId, 'report-lost', { by: subject.id });
  }

  @Handles(routes.changeCard)
  change({ params, body, subject, approvedBy }: Input<'changeCard'>): Answer<'changeCard'> {
    const { personId, cardId } = params;
    const { change, number, why } = body;
    if (change !== 'replace')
      return this.cards.change(personId, cardId, change, { by: subject.id, why, approvedBy });
    if (number === undefined)
      throw new DomainError('REQUEST_INVALID', 'invalid', {
        faults: [{ field: '/number', why: 'the number of the new card is missing' }],
      });
    return this.cards.replace(personId, cardId, { number, by: subject.id, why });
  }

  @Handles(routes.submitCardBatch)
  async submit({ body, subject }: Input<'submitCardBatch'>): Answer<'submitCardBatch'> {
    const { name, personIds, medium, child = false } = body;
    return shown(await this.batches.submit(name, personIds, { medium, child, by: subject.id }));
  }

  @Handles(routes.listCardBatches)
  async listBatches({
    query: { status = 'submitted' },
  }: Input<'listCardBatches'>): Answer<'listCardBatches'> {
    return { batches: (await this.batches.list(status)).map(shown) };
  }

  @Handles(routes.reviewCardBatch)
  async review({ params, body, subject }: Input<'reviewCardBatch'>): Answer<'reviewCardBatch'> {
    return shown(await this.batches.review(params.batchId, body, subject.id));
  }

  @Handles(routes.produceCardBatch)
  async produce({ params, body, subject }: Input<'produceCardBatch'>): Answer<'produceCardBatch'> {
    return shown(await this.batches.produce(params.batchId, body.cards, subject.id));
  }

  @Handles(routes.followCardList)
  async follow({ query: { after = '0' } }: Input<'followCardList'>): Answer<'followCardList'> {
    const page = await this.lists.after(Number(after));
    return { ...page, entries: page.entries.map(({ sequence: _, ...entry }) => entry) };
  }
}
