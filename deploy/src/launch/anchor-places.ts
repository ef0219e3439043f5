import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

/** Below a data folder; where they count they are on other disks, which an operator sets. */
const PLACES = ['anchors/1', 'anchors/2'];

/** The folders where the ledger and the records of access keep their anchors, as settings name them. */
export const anchorPlacesOf = (dataDir: string): Readonly<Record<string, string>> => {
  const folders = PLACES.map((place) => join(dataDir, place));
  for (const folder of folders) mkdirSync(folder, { recursive: true });
  const places = folders.join(',');
  // Each log has a folder of its own in them.
  return { VISIT_LEDGER_ANCHOR_PLACES: places, ACCESS_ANCHOR_PLACES: places };
};
