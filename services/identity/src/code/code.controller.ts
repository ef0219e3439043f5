import { codeRoutes as routes, type RouteAnswer } from '@caretab/contracts';
import { type Asked, Handles } from '@caretab/host';
import { Controller, Inject } from '@nestjs/common';
import { IssuedCodes } from './issued-codes';

type Input<Name extends keyof typeof routes> = Asked<(typeof routes)[Name]>;
type Answer<Name extends keyof typeof routes> = Promise<RouteAnswer<(typeof routes)[Name]>>;

/** HTTP in → codes of citizens. */
@Controller()
export class CodeController {
  constructor(@Inject(IssuedCodes) private readonly codes: IssuedCodes) {}

  @Handles(routes.issueCode)
  issue({ params: { personId }, body, subject }: Input<'issueCode'>): Answer<'issueCode'> {
    const { kind, application = 'caretab' } = body;
    return this.codes.issue(personId, { kind, application, by: subject.id });
  }

  @Handles(routes.listCodeKeys)
  async keys(): Answer<'listCodeKeys'> {
    const { keyId, algorithm, publicKey } = this.codes.key;
    const key = { keyId, algorithm, publicKey: publicKey.toString('base64url') };
    return { keys: [key], now: this.codes.now };
  }
}
