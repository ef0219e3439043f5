import { type CardFileKind, cardFileRoutes as routes, type RouteAnswer } from '@caretab/contracts';
import { answerEach, type Asked, Handles } from '@caretab/host';
import { Controller, Inject, Res } from '@nestjs/common';
import { CardFiles, type WhichFile } from './card-files';
import { CardList } from './card-list';
import { cardListFile } from './card-list-file';
import { askerOf } from './card-scope';

type Input<Name extends keyof typeof routes> = Asked<(typeof routes)[Name]>;
type Answer<Name extends keyof typeof routes> = Promise<RouteAnswer<(typeof routes)[Name]>>;

const fileOf = (
  { params: { fileHash }, subject }: Pick<Input<'readCardFile'>, 'params' | 'subject'>,
  kind: CardFileKind = 'blacklist',
): WhichFile => ({ fileHash, kind, asker: askerOf(subject) });

/** HTTP in → files of cards. */
@Controller()
export class CardFileController {
  constructor(
    @Inject(CardFiles) private readonly files: CardFiles,
    @Inject(CardList) private readonly lists: CardList,
  ) {}

  @Handles(routes.sendCardFileRows)
  send({ body, ...asked }: Input<'sendCardFileRows'>): Answer<'sendCardFileRows'> {
    const { kind, firstRow, rows } = body;
    return this.files.take({ ...fileOf(asked, kind), firstRow, rows });
  }

  @Handles(routes.readCardFile)
  progress({ query, ...asked }: Input<'readCardFile'>): Answer<'readCardFile'> {
    return this.files.progress(fileOf(asked, query.kind));
  }

  @Handles(routes.listCardFileRejects)
  rejects({ query, ...asked }: Input<'listCardFileRejects'>): Answer<'listCardFileRejects'> {
    return this.files.rejects(fileOf(asked, query.kind), Number(query.after ?? 0));
  }

  @Handles(routes.downloadCardList)
  download(
    { params, query }: Input<'downloadCardList'>,
    @Res() response: Parameters<typeof answerEach>[0],
  ): Answer<'downloadCardList'> {
    const lines = cardListFile(this.lists, params.list, Number(query.after ?? 0));
    return answerEach(response, lines);
  }
}
