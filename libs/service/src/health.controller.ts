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
    const names = [...this.services.keys()];
    await Promise.all([...this.services.values()].map((parked) => parked.count()));
    return { status: 'up', services: Object.fromEntries(names.map((name) => [name, 'up'])) };
  }
}
