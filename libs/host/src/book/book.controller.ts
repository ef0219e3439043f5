import { bookRoutes as routes } from '@caretab/contracts';
import { Controller, Inject, Res } from '@nestjs/common';
import type { Response } from 'express';
import { shownAnchors } from '../anchors/shown-anchors';
import { answerLines } from '../answer-lines';
import { type Asked, Handles } from '../handles';
import { BooksByService } from './book';

/** HTTP in → whether entries of a book are as they were booked. */
@Controller()
export class BookController {
  constructor(@Inject(BooksByService) private readonly books: BooksByService) {}

  @Handles(routes.verifyBook)
  verify(
    { params: { service } }: Asked<typeof routes.verifyBook>,
    @Res() response: Response,
  ): Promise<void> {
    return answerLines(response, this.books.of(service).prove(), ({ anchors, ...report }) => ({
      ...report,
      intact: report.faults.length === 0 && (anchors?.faults.length ?? 0) === 0,
      anchors: shownAnchors(anchors),
    }));
  }
}
