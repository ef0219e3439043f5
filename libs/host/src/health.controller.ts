import { chassisRoutes as routes, type RouteAnswer } from '@caretab/contracts';
import { DomainError } from '@caretab/kernel';
import { Controller, Inject } from '@nestjs/common';
import { Degradations } from './degradations';
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
    @Inject(Degradations) private readonly degradations: Degradations,
  ) {}

  @Handles(routes.health)
  async health(): Promise<RouteAnswer<typeof routes.health>> {
    const [down, busAnswers] = await Promise.all([
      this.state.databasesDown(),
      this.state.busAnswers(),
    ]);
    if (down.length > 0)
      throw new DomainError('DATABASE_UNREACHABLE', 'unavailable', { services: down });
    if (!busAnswers) throw new DomainError('BUS_UNREACHABLE', 'unavailable');
    const degraded = this.degradations.now();
    const stateOf = (name: string): 'up' | 'degraded' =>
      degraded.some(({ service }) => service === name) ? 'degraded' : 'up';
    return {
      status: degraded.length === 0 ? 'up' : 'degraded',
      services: Object.fromEntries([...this.services.keys()].map((name) => [name, stateOf(name)])),
      bus: 'up',
      ...(degraded.length > 0 && { degraded }),
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
