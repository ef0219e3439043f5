import type { Subject } from '@caretab/access';
import {
  type Activation,
  beginProblems,
  codeProblems,
  type ConsentAnswer,
  consentProblems,
  identityRoutes as routes,
  ISSUER_ANSWER_MS_MAX,
  type OwnActivation,
  type OwnActivationBody,
} from '@caretab/contracts';
import { ask, type AskOptions, type Question, type Reply } from '@caretab/host';
import { DomainError, type ErrorCode, type ErrorKind } from '@caretab/kernel';

const away = (details: DomainError['details']): DomainError =>
  new DomainError('IDENTITY_UNAVAILABLE', 'unavailable', details);

const KINDS: Readonly<Record<number, ErrorKind>> = {
  ...{ 400: 'invalid', 403: 'forbidden', 404: 'not-found', 409: 'conflict', 422: 'unprocessable' },
  503: 'unavailable',
};
/** Not identity is away then, but who issued the code. */
const PASSED = ['CODE_ISSUER_UNAVAILABLE'] as const;
/** What identity refuses, and its hospital should read. */
const PASSED_ON: readonly ErrorCode[] = [
  ...[...beginProblems, ...codeProblems, ...consentProblems],
  'REQUEST_INVALID',
];
const codeOf = ({ body }: Reply): ErrorCode | undefined =>
  PASSED_ON.find((code) => code === (body as { readonly code?: unknown } | null)?.code);

/** As identity says it, with its fields. */
const refusalOf = (reply: Reply): DomainError => {
  const kind = KINDS[reply.status];
  if (kind === undefined || codeOf(reply) === undefined) return away({ answered: reply.status });
  const { details } = reply.body as { readonly details?: readonly object[] };
  const [only = {}, ...others] = details ?? [];
  const said = others.length === 0 ? { ...only } : { faults: details };
  return new DomainError(codeOf(reply)!, kind, said);
};

type Answer = Promise<OwnActivation>;

/** Activations in identity over HTTP, asked for in a hospital's place. Timeout as of `IdentityClient`. */
export class ActivationClient {
  constructor(private readonly options: AskOptions) {}

  /** Throws what the route of identity throws, IDENTITY_UNAVAILABLE (unavailable). */
  async begin(
    body: OwnActivationBody,
    carried: Subject,
  ): Promise<{ readonly activation: OwnActivation; readonly created: boolean }> {
    const { path } = routes.beginActivation;
    const whole = { ...body, purpose: 'service' };
    const asked = { method: 'POST', path, body: whole, carried, passedOn: PASSED } as const;
    const outsideMs = 'credential' in body ? ISSUER_ANSWER_MS_MAX : 0;
    const { status, activation } = await this.asked({ ...asked, outsideMs });
    return { activation, created: status === 201 };
  }

  /** Throws as `begin`. */
  async show(activationId: string, carried: Subject): Answer {
    const path = pathOf(routes.showActivation.path, activationId);
    return (await this.asked({ method: 'GET', path, carried })).activation;
  }

  /** Throws as `begin`. */
  async giveCode(activationId: string, code: string, carried: Subject): Answer {
    const path = pathOf(routes.giveActivationCode.path, activationId);
    return (await this.asked({ method: 'POST', path, body: { code }, carried })).activation;
  }

  /** Throws as `begin`. */
  async giveConsents(
    activationId: string,
    consents: readonly ConsentAnswer[],
    carried: Subject,
  ): Answer {
    const path = pathOf(routes.giveConsents.path, activationId);
    return (await this.asked({ method: 'POST', path, body: { consents }, carried })).activation;
  }

  private async asked(
    question: Question,
  ): Promise<{ readonly status: number; readonly activation: OwnActivation }> {
    const reply = await ask(this.options, question, away);
    if (reply.status !== 200 && reply.status !== 201) throw refusalOf(reply);
    const { mobile: _, ...activation } = reply.body as Activation;
    return { status: reply.status, activation };
  }
}

const pathOf = (path: string, activationId: string): string =>
  path.replace('{activationId}', encodeURIComponent(activationId));
