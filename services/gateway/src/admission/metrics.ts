import type { ObservableResult } from '@opentelemetry/api';
import { meter } from '@caretab/telemetry';
import type { Admission } from './admission';
import type { Congestion } from './congestion';

/** Lets `/metrics` tell what is at work, what waits, and what was sent away and why. */
export const observe = ({ submissions, questions, congestion }: { readonly submissions: Admission; readonly questions: Admission; readonly congestion: Congestion }): void => {
  const edge = meter('caretab.gateway');
  const of = (kind: 'inWork' | 'waiting') => (result: ObservableResult): void => {
    result.observe(submissions.counts[kind], { what: 'submission' });
    result.observe(questions.counts[kind], { what: 'question' });
  };
  edge.createObservableGauge('caretab.gateway.in_work', { description: 'Submissions and questions at work' }).addCallback(of('inWork'));
  edge.createObservableGauge('caretab.gateway.waiting', { description: 'Submissions and questions that wait for their turn' }).addCallback(of('waiting'));
  edge.createObservableCounter('caretab.gateway.overloaded', { description: 'Submissions and questions that were sent away: no turn, or what is behind the door cannot keep up' }).addCallback((result) => {
    result.observe(submissions.counts.refused, { what: 'submission', why: 'turn' });
    result.observe(questions.counts.refused, { what: 'question', why: 'turn' });
    result.observe(congestion.refused, { what: 'submission', why: 'behind' });
  });
};
