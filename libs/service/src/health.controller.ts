import { DomainError } from '@caretab/kernel';
import { Controller, Get, Inject } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { ParkedByService } from './operator.controller';

@ApiTags('operator')
@Controller('health')
export class HealthController {
  constructor(@Inject(ParkedByService) private readonly services: ParkedByService) {}

  @Get()
  @ApiOperation({ summary: 'Whether the process is up and its services can reach their databases' })
  async health(): Promise<{ status: 'up'; services: Record<string, 'up'> }> {
    const outcomes = await Promise.all([...this.services].map(async ([name, parked]) => ({ name, up: await parked.count().then(() => true, () => false) })));
    const down = outcomes.filter(({ up }) => !up).map(({ name }) => name);
    if (down.length > 0) throw new DomainError('DATABASE_UNREACHABLE', 'unavailable', { services: down });
    return { status: 'up', services: Object.fromEntries(outcomes.map(({ name }) => [name, 'up'])) };
  }
}
