import type { AnchorReport } from '@caretab/anchors';
import type { ChainedEvent, ChainFault } from '@caretab/event-store';

const OPENED_FOR = /"personId": ?"(p-[0-9a-f-]{36})"/;

/** Whose a visit is stands in the event that opened it, which may be changed, and no JSON any more. */
export const addPerson = (persons: Set<string>, { type, data }: ChainedEvent): void => {
  const personId = type === 'VisitOpened' ? OPENED_FOR.exec(data)?.[1] : undefined;
  if (personId !== undefined) persons.add(personId);
};

export const agree = (anchors: { readonly faults: readonly unknown[] } | null): boolean =>
  anchors === null || anchors.faults.length === 0;

export const shownAnchors = (report: AnchorReport | null) =>
  report && {
    anchored: report.anchored,
    places: [...report.places],
    faults: report.faults.map(({ after, upTo, ...fault }) => ({
      ...fault,
      after: after?.toString() ?? null,
      upTo: upTo?.toString() ?? null,
    })),
  };

export const shown = ({
  kind,
  stream,
  revision,
  position,
}: Pick<ChainFault, 'kind' | 'stream' | 'revision' | 'position'>) => ({
  kind,
  stream,
  revision,
  position: position.toString(),
});
