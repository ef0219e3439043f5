import { meter } from '@caretab/telemetry';
import type { Admission } from './admission';
import type { Congestion } from './congestion';

/** Metrics of running, waiting and shed submissions, with the reason. */
export const observe = ({
  submissions,
  questions,
  congestion,
}: {
  readonly submissions: Admission;
  readonly questions: Admission;
  readonly congestion: Congestion;
}): void => {
  const edge = meter('caretab.gateway');
  const rooms = [
    ['submission', submissions],
    ['question', questions],
  ] as const;
  edge
    .createObservableGauge('caretab.gateway.in_work', {
      description: 'Submissions and questions at work',
    })
    .addCallback((result) => {
      for (const [what, { counts }] of rooms) result.observe(counts.inWork, { what });
    });
  edge
    .createObservableGauge('caretab.gateway.waiting', {
      description: 'Submissions and questions that wait for their turn',
    })
    .addCallback((result) => {
      for (const [what, { counts }] of rooms) result.observe(counts.waiting, { what });
    });
  edge
    .createObservableCounter('caretab.gateway.overloaded', {
      description: 'Shed submissions and questions: no free slot (turn), or backpressure (behind)',
    })
    .addCallback((result) => {
      for (const [what, { counts }] of rooms) result.observe(counts.refused, { what, why: 'turn' });
      result.observe(congestion.refused, { what: 'submission', why: 'behind' });
    });
};
