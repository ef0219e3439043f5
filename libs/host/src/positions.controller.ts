import { chassisRoutes as routes, type RouteAnswer, type RouteInput } from '@caretab/contracts';
import { DomainError } from '@caretab/kernel';
import { Controller, Inject } from '@nestjs/common';
import { Handles } from './handles';
import { type Positions, PositionsByService } from './positions';

type Input<Name extends keyof typeof routes> = RouteInput<(typeof routes)[Name]>;
type Answer<Name extends keyof typeof routes> = Promise<RouteAnswer<(typeof routes)[Name]>>;

/** What an operator asks of a service whose database was restored: what it forgot of the bus. */
@Controller()
export class PositionsController {
  constructor(
    @Inject(PositionsByService) private readonly positions: ReadonlyMap<string, Positions>,
  ) {}

  @Handles(routes.listPositions)
  async list({ params: { service } }: Input<'listPositions'>): Answer<'listPositions'> {
    return { forgotten: [...(await this.of(service).forgotten())] };
  }

  @Handles(routes.rewind)
  async rewind({ params: { service } }: Input<'rewind'>): Answer<'rewind'> {
    return { rewound: [...(await this.of(service).rewind())] };
  }

  private of(service: string): Positions {
    const positions = this.positions.get(service);
    if (!positions)
      throw new DomainError('SERVICE_UNKNOWN', 'not-found', { known: [...this.positions.keys()] });
    return positions;
  }
}
