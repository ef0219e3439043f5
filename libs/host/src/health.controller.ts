import { chassisRoutes as routes } from '@caretab/contracts';
import { DomainError } from '@caretab/kernel';
import { Controller, Inject } from '@nestjs/common';
import { Handles } from './handles';
import { Health } from './health';
import { ParkedByService } from './operator.controller';

/**
 * `/health` answers people and monitors in full; `/health/live` and `/health/ready` are for
 * orchestrators that restart processes and route requests.
 */
@Controller()
export class HealthController {
  constructor(
    @Inject(Health) private readonly state: Health,
    @Inject(ParkedByService) private readonly services: ParkedByService,
  ) {}

  @Handles(routes.health)
  async health(): Promise<{ status: 'up'; services: Record<string, 'up'>; bus: 'up' }> {
    const [down, busAnswers] = await Promise.all([
      this.state.databasesDown(),
      this.state.busAnswers(),
    ]);
    if (down.length > 0)
      throw new DomainError('DATABASE_UNREACHABLE', 'unavailable', { services: down });
    if (!busAnswers) throw new DomainError('BUS_UNREACHABLE', 'unavailable');
    return {
      status: 'up',
      services: Object.fromEntries([...this.services.keys()].map((name) => [name, 'up'])),
      bus: 'up',
    };
  }

  /** Depends on the process alone: restarting it does not bring a lost database back. */
  @Handles(routes.live)
  live(): { status: 'up' } {
    return { status: 'up' };
  }

  /**
   * Not the bus: what is accepted while it is gone is kept in the outbox, and taking every replica
   * out of service would lose exactly that.
   */
  @Handles(routes.ready)
  async ready(): Promise<{ status: 'up' }> {
    if (!this.state.isStarted) throw new DomainError('NOT_READY', 'unavailable');
    const down = await this.state.databasesDown();
    if (down.length > 0)
      throw new DomainError('DATABASE_UNREACHABLE', 'unavailable', { services: down });
    return { status: 'up' };
  }
}
