import {
  ANSWER_REASON_CODES,
  ANSWER_REASONS,
  type RouteAnswer,
  settlementAnswerRoutes as routes,
} from '@caretab/contracts';
import { type Asked, Handles } from '@caretab/host';
import { Controller, Inject } from '@nestjs/common';
import { Answers } from './answers';

type Input<Name extends keyof typeof routes> = Asked<(typeof routes)[Name]>;
type Answer<Name extends keyof typeof routes> = Promise<RouteAnswer<(typeof routes)[Name]>>;

/** HTTP in → what insurers answer to settlements, and hospitals reply. */
@Controller()
export class AnswerController {
  constructor(@Inject(Answers) private readonly answers: Answers) {}

  @Handles(routes.answer)
  answer({ params, body, subject }: Input<'answer'>): Answer<'answer'> {
    const { payerId, settlementId } = params;
    return this.answers.give({ payerId }, settlementId, body, subject.id);
  }

  @Handles(routes.answers)
  show({ params: { payerId, settlementId } }: Input<'answers'>): Answer<'answers'> {
    return this.answers.of({ payerId }, settlementId);
  }

  @Handles(routes.standings)
  list({ params, query: { state, after } }: Input<'standings'>): Answer<'standings'> {
    return this.answers.list(params, state, after);
  }

  @Handles(routes.reply)
  reply({ params, body, subject }: Input<'reply'>): Answer<'reply'> {
    const { institutionId, settlementId } = params;
    const reply = { kind: 'reply' as const, ...body };
    return this.answers.give({ institutionId }, settlementId, reply, subject.id);
  }

  @Handles(routes.ownAnswers)
  showOwn({ params }: Input<'ownAnswers'>): Answer<'ownAnswers'> {
    const { institutionId, settlementId } = params;
    return this.answers.of({ institutionId }, settlementId);
  }

  @Handles(routes.ownStandings)
  listOwn({ params, query: { state, after } }: Input<'ownStandings'>): Answer<'ownStandings'> {
    return this.answers.list(params, state, after);
  }

  @Handles(routes.reasons)
  async reasons(): Answer<'reasons'> {
    return { reasons: ANSWER_REASON_CODES.map((code) => ({ code, ...ANSWER_REASONS[code] })) };
  }
}
