import { paymentRoutes as routes, type RouteAnswer } from '@caretab/contracts';
import { type Asked, Handles, Jobs } from '@caretab/host';
import { Controller, Inject } from '@nestjs/common';
import { Callbacks } from './callbacks';
import { ChannelBook } from './channel-book';

/** HTTP in → the channels that a citizen can choose among, and what channels push. */
@Controller()
export class ChannelController {
  constructor(
    @Inject(ChannelBook) private readonly book: ChannelBook,
    @Inject(Callbacks) private readonly callbacks: Callbacks,
    @Inject(Jobs) private readonly jobs: Jobs,
  ) {}

  @Handles(routes.listChannels)
  list(): RouteAnswer<typeof routes.listChannels> {
    const channels = this.book.channels.map(({ id, name, isOpen }) => ({ id, name, isOpen }));
    return { channels };
  }

  @Handles(routes.pushByChannel)
  async push({ params, body }: Asked<typeof routes.pushByChannel>): Promise<void> {
    const { refund } = await this.callbacks.take(params.channel, body);
    if (refund) this.jobs.wake('payment.refund');
  }
}
