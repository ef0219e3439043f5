import type { CentreReply } from '@caretab/centre';
import { identityRoutes } from '@caretab/contracts';
import { ask, type AskOptions } from '@caretab/host';
import { DomainError } from '@caretab/kernel';
import { type Static } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import type { CentreCall, CentreDoor } from './centre-orders';

const { path: PATH, responses } = identityRoutes.callCentre;
type Said = Static<(typeof responses)[200]>;

const away = (details: DomainError['details']): DomainError =>
  new DomainError('IDENTITY_UNAVAILABLE', 'unavailable', details);

const replyOf = (said: Said): CentreReply => {
  if (said.status === 'answered')
    return {
      ...{ status: 'answered', msgid: said.msgid },
      output: { setlinfo: said.settlements },
    };
  if (said.status === 'refused') return { ...said, reason: '' };
  if (said.status === 'unknown') return said;
  const doubts = said.doubts.map((doubt) => ({ ...doubt, code: doubt.code as 'MALFORMED' }));
  return said.status === 'not-sent'
    ? { status: 'not-sent', msgid: said.msgid, doubts }
    : { status: 'not-believed', msgid: said.msgid, doubts, kept: '' };
};

/** Identity over HTTP, which knows who the person is; without its answer the outcome is unknown. */
export class CentreDoorClient implements CentreDoor {
  constructor(private readonly options: AskOptions) {}

  async call({ personId, ...body }: CentreCall): Promise<CentreReply> {
    const path = PATH.replace('{personId}', personId);
    try {
      const { status, body: said } = await ask(this.options, { method: 'POST', path, body }, away);
      if (status === 200 && Value.Check(responses[200], said)) return replyOf(said as Said);
      return { status: 'unknown', msgid: '', why: `IDENTITY_${status}` };
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      return { status: 'unknown', msgid: '', why: error.code };
    }
  }
}
