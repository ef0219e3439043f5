import { signInRoutes as routes, type RouteAnswer, type RouteInput } from '@caretab/contracts';
import { Handles } from '@caretab/host';
import { Controller, Header, Inject } from '@nestjs/common';
import { InstitutionKeys } from '../institution/institution-keys';
import { Subjects } from '../subject/subjects';
import { PUBLISHED_AFTER_MS, SigningKeys } from './signing-keys';
import { SignIns } from './sign-ins';
import { Tokens } from './tokens';

type Input<Name extends keyof typeof routes> = RouteInput<(typeof routes)[Name]>;
type Answer<Name extends keyof typeof routes> = Promise<RouteAnswer<(typeof routes)[Name]>>;

/** HTTP in → tokens and the keys that sign them. */
@Controller()
export class TokenController {
  constructor(
    @Inject(Tokens) private readonly tokens: Tokens,
    @Inject(SigningKeys) private readonly keys: SigningKeys,
    @Inject(SignIns) private readonly signIns: SignIns,
    @Inject(Subjects) private readonly subjects: Subjects,
    @Inject(InstitutionKeys) private readonly institutionKeys: InstitutionKeys,
  ) {}

  @Handles(routes.issueToken)
  @Header('Cache-Control', 'no-store')
  issue({ body }: Input<'issueToken'>): Answer<'issueToken'> {
    return this.tokens.answer(body);
  }

  @Handles(routes.endSession)
  async endSession({ body }: Input<'endSession'>): Answer<'endSession'> {
    await this.signIns.end(body['token'] ?? '');
  }

  @Handles(routes.describeIssuer)
  describe(): RouteAnswer<typeof routes.describeIssuer> {
    return this.tokens.description();
  }

  @Handles(routes.listTokenKeys)
  async listKeys(): Answer<'listTokenKeys'> {
    return { keys: (await this.keys.published()).map(({ publicJwk }) => ({ ...publicJwk })) };
  }

  @Handles(routes.listVoidTokens)
  async listVoid(): Answer<'listVoidTokens'> {
    const allBefore = await this.keys.voidBefore();
    const subjects = await this.subjects.voidFor(PUBLISHED_AFTER_MS);
    const keys = await this.institutionKeys.voidFor(PUBLISHED_AFTER_MS);
    const sessions = await this.signIns.voidFor(PUBLISHED_AFTER_MS);
    return { ...(allBefore && { allBefore }), subjects: [...subjects, ...keys, ...sessions] };
  }

  @Handles(routes.rotateTokenKeys)
  async rotate({ body }: Input<'rotateTokenKeys'>): Answer<'rotateTokenKeys'> {
    return { kid: (await this.keys.rotate({ isLeaked: body.leaked === true }))! };
  }
}
