import { hospitalReports } from '@caretab/contracts';
import { type BatchHandling, Consumes } from '@caretab/bus';
import { REST } from '@caretab/kernel';
import { Controller, Inject } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import type { Report } from './report';
import { ReportDoor } from './report-door';

/**
 * Hospitals' own topics in → submissions. Each is its own transaction, which recognises repetitions;
 * what is refused is parked, and its hospital reads why (`GET /v1/submissions`).
 */
@Controller()
export class ReportConsumer {
  constructor(@Inject(ReportDoor) private readonly door: ReportDoor) {}

  @Consumes({
    from: hospitalReports('{institutionId}'),
    each: hospitalReports,
    group: 'gateway.report',
    batch: true,
    rest: REST.onTheWay,
  })
  reports(@Payload() reports: Report[], @Ctx() { messages }: BatchHandling): Promise<void> {
    return this.door.takeOver(
      reports.map((report, index) => ({ report, message: messages[index]! })),
    );
  }
}
