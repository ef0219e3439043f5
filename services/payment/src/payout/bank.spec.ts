import { SettlementBankBook } from '@caretab/sandbox';
import { bankSuite } from '../../test/bank.suite';
import { MemoryBank } from '../../test/settlement-bank';

const book = new SettlementBankBook(() => new Date('2026-03-03T02:00:00Z'));
const bank = new MemoryBank(book);
bankSuite('the twin of the bank', () => ({
  bank,
  book,
  fate: async (...fates) => void bank.fates.push(...fates),
}));
