import { visitLedgerRoutes as routes } from '@caretab/contracts';
import { answerLines, type Asked, Handles } from '@caretab/host';
import { Controller, Inject, Res } from '@nestjs/common';
import { TopicAudit } from './topic-audit';

type Response = Parameters<typeof answerLines>[0];

/** Whether the ledger's topic says what the log says. */
@Controller()
export class TopicController {
  constructor(@Inject(TopicAudit) private readonly audit: TopicAudit) {}

  @Handles(routes.proofOfTopic)
  async proof(
    { query: { since } }: Asked<typeof routes.proofOfTopic>,
    @Res() response: Response,
  ): Promise<void> {
    const steps = this.audit.compare(since === undefined ? undefined : new Date(since));
    await answerLines(response, steps, (report) => ({
      ...report,
      intact: report.faultsFound === 0,
    }));
  }
}
