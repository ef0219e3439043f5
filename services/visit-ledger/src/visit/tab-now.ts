import type { NotDeferred, OnTab } from '@caretab/contracts';

/** The tab as it stands; absent in facts of earlier releases. */
export interface TabNow {
  grossFen?: number | undefined;
  /** Charges that are not on the tab. */
  notDeferred?: readonly NotDeferred[] | undefined;
  /** The first charges on the tab, and how many there are. */
  onTab?: readonly OnTab[] | undefined;
  onTabCount?: number | undefined;
}
