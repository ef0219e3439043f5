/** Whose accounts and entries are looked at. */
interface Booked {
  account(personId: string): Promise<unknown>;
  entries(personId: string): Promise<
    readonly {
      readonly kind: string;
      readonly heldFen: number;
      readonly outstandingFen: number;
      readonly lineFen: number;
    }[]
  >;
}

/**
 * The account equals what its entries add up to, entry by entry, and no entry granted above the
 * line.
 */
export const expectEntriesToExplain = async (world: Booked, personId: string): Promise<void> => {
  const account = await world.account(personId);
  const entries = await world.entries(personId);
  let heldFen = 0;
  let outstandingFen = 0;
  for (const [index, entry] of entries.entries()) {
    heldFen += entry.heldFen;
    outstandingFen += entry.outstandingFen;
    expect(entry).toMatchObject({
      sequence: index + 1,
      heldAfterFen: heldFen,
      outstandingAfterFen: outstandingFen,
    });
    // What a merge brings was granted on another line.
    if (entry.heldFen > 0 && !/^(M|Unm)ergedIn$/.test(entry.kind))
      expect(heldFen + outstandingFen).toBeLessThanOrEqual(entry.lineFen);
  }
  expect(account).toMatchObject({ heldFen, outstandingFen, entryCount: entries.length });
};
