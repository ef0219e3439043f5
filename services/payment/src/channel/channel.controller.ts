import { paymentRoutes as routes, type RouteAnswer } from '@caretab/contracts';
import { Handles } from '@caretab/host';
import { Controller, Inject } from '@nestjs/common';
import { ChannelBook } from './channel-book';

/** HTTP in → the channels that a citizen can choose among. */
@Controller()
export class ChannelController {
  constructor(@Inject(ChannelBook) private readonly book: ChannelBook) {}

  @Handles(routes.listChannels)
  list(): RouteAnswer<typeof routes.listChannels> {
    const channels = this.book.channels.map(({ id, name, isOpen }) => ({ id, name, isOpen }));
    return { channels };
  }
}
