import type { SettlementBankBook } from '@caretab/sandbox';
import { hashOf } from '../src/payout/payout-files';
import type { Bank } from '../src/payout/bank';
import { pain001 } from '../src/payout/iso20022/pain001';
import { OF_H1, POOLED, SETTLEMENT } from './settlement-bank';

export interface BankUnderTest {
  readonly bank: Bank;
  readonly book: SettlementBankBook;
  /** What becomes of the next requests about files. */
  fate(...fates: readonly ('ok' | 'lost' | 'dropped')[]): Promise<void>;
}

let number = 0;
const fileOf = (amountFen = 30_000) => {
  const messageId = `file${(number += 1)}`;
  const content = pain001({
    ...{ messageId, createdAt: new Date('2026-03-03T01:00:00Z'), executionDate: '2026-03-03' },
    debtor: POOLED.settlementAccount!,
    transfers: [
      {
        ...{ endToEndId: `${messageId}e1`, amountFen, remittance: 'caretab/payout/H1' },
        creditor: { holderName: '第一医院', bankCode: '102331000023', account: OF_H1 },
      },
    ],
  });
  return { messageId, content, contentHash: hashOf(content) };
};

/** What the bank and its twin both hold to. */
export const bankSuite = (name: string, open: () => BankUnderTest): void => {
  describe(name, () => {
    test('a file is taken, is there, and is carried out once however often it comes', async () => {
      const { bank, book } = open();
      const before = book.balanceOf(OF_H1);
      const file = fileOf();
      expect(await bank.find(file.messageId)).toEqual({ status: 'unknown' });
      expect(await bank.send(file)).toEqual({ status: 'taken' });
      expect(await bank.send(file)).toEqual({ status: 'taken' });
      expect(await bank.find(file.messageId)).toEqual({ status: 'taken' });
      expect(book.balanceOf(OF_H1) - before).toBe(30_000);
    });

    test('without an answer nothing is known: the file may be there, or not', async () => {
      const { bank, fate } = open();
      const [lost, dropped] = [fileOf(), fileOf()];
      await fate('lost', 'dropped', 'ok', 'ok');
      expect(await bank.send(lost)).toEqual({ status: 'no-answer' });
      expect(await bank.send(dropped)).toEqual({ status: 'no-answer' });
      expect(await bank.find(lost.messageId)).toEqual({ status: 'taken' });
      expect(await bank.find(dropped.messageId)).toEqual({ status: 'unknown' });
    });

    test('a file whose sum is wrong is refused, with a reason of our form', async () => {
      const { bank } = open();
      const file = fileOf();
      const content = file.content.replaceAll('<CtrlSum>300.00', '<CtrlSum>300.01');
      expect(await bank.send({ ...file, content })).toEqual({ status: 'refused', reason: 'FF01' });
    });

    test('reports come in their order, behind the last one, with the bytes of their hash', async () => {
      const { bank, book } = open();
      book.remit(SETTLEMENT, 7, 'a');
      const all = await bank.reports();
      const before = all.at(-1)?.reportId;
      book.remit(SETTLEMENT, 8, 'b');
      book.endDay();
      const later = await bank.reports(before);
      expect(later.map(({ kind }) => kind)).toEqual(['camt.054', 'camt.053']);
      const parts: Uint8Array[] = [];
      for await (const part of bank.content(later[0]!)) parts.push(part);
      const text = Buffer.concat(parts).toString('utf8');
      expect(hashOf(text)).toBe(later[0]!.sha256);
      expect(text).toContain('0.08');
    });
  });
};
