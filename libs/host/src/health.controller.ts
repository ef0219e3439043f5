import { DomainError } from '@caretab/kernel';
import { Controller, Get, Inject } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { Health } from './health';
import { ParkedByService } from './operator.controller';

/**
 * `/health` tells people and monitors everything; `/health/live` and `/health/ready` are for
 * whoever restarts processes and sends them requests.
 */
@ApiTags('operator')
@Controller('health')
export class HealthController {
  constructor(
    @Inject(Health) private readonly state: Health,
    @Inject(ParkedByService) private readonly services: ParkedByService,
  ) {}

  @Get()
  @ApiOperation({ summary: 'Whether the process is up and reaches its databases and the bus' })
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

  /**
   * Hangs on nothing but the process: a database that is gone does not come back by restarting what
   * asks it.
   */
  @Get('live')
  @ApiOperation({ summary: 'Whether the process answers at all; it needs a restart when not' })
  live(): { status: 'up' } {
    return { status: 'up' };
  }

  /**
   * Not the bus: what is taken in while it is gone is kept in the outbox, and taking every replica
   * out of service would lose exactly that.
   */
  @Get('ready')
  @ApiOperation({
    summary: 'Whether requests may be sent here: started, not stopping, and the databases answer',
  })
  async ready(): Promise<{ status: 'up' }> {
    if (!this.state.isStarted) throw new DomainError('NOT_READY', 'unavailable');
    const down = await this.state.databasesDown();
    if (down.length > 0)
      throw new DomainError('DATABASE_UNREACHABLE', 'unavailable', { services: down });
    return { status: 'up' };
  }
}
