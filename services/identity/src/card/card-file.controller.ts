import { cardFileRoutes as routes, type RouteAnswer } from '@caretab/contracts';
import { type Asked, Handles } from '@caretab/host';
import { Controller, Inject } from '@nestjs/common';
import { CardFiles } from './card-files';

type Input<Name extends keyof typeof routes> = Asked<(typeof routes)[Name]>;
type Answer<Name extends keyof typeof routes> = Promise<RouteAnswer<(typeof routes)[Name]>>;

/** HTTP in → files of cards. */
@Controller()
export class CardFileController {
  constructor(@Inject(CardFiles) private readonly files: CardFiles) {}

  @Handles(routes.sendCardFileRows)
  send({ params, body, subject }: Input<'sendCardFileRows'>): Answer<'sendCardFileRows'> {
    return this.files.take({ ...params, ...body, by: subject.id });
  }

  @Handles(routes.readCardFile)
  progress({ params, subject }: Input<'readCardFile'>): Answer<'readCardFile'> {
    return this.files.progress(params.fileHash, subject.id);
  }
}
