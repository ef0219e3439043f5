import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SettlementBankBook } from '@caretab/sandbox';
import fc from 'fast-check';
import { validateXML } from 'xmllint-wasm';
import { OF_H1, POOLED, SETTLEMENT } from '../../../test/settlement-bank';
import { type BankEntry, statementParts } from './bank-statement';
import { controlSumOf, type CreditTransfer, pain001 } from './pain001';
import { statusReportOf } from './status-report';

const schemas = join(__dirname, '../../../test/iso20022');
/** Whether it keeps to ISO 20022's published schema. */
const faultsOf = async (kind: string, content: string): Promise<readonly string[]> => {
  const result = await validateXML({
    xml: { fileName: 'message.xml', contents: content },
    schema: readFileSync(join(schemas, `${kind}.xsd`), 'utf8'),
  });
  return result.errors.map(({ message }) => message);
};

const debtor = POOLED.settlementAccount!;
const fileOf = (transfers: readonly CreditTransfer[]): string =>
  pain001({
    ...{ messageId: 'a1', createdAt: new Date('2026-03-03T01:00:00Z') },
    ...{ executionDate: '2026-03-03', debtor, transfers },
  });
const transfer = (changes: Partial<CreditTransfer> = {}): CreditTransfer => ({
  ...{ endToEndId: 'e1', amountFen: 123_456, remittance: 'caretab/payout/H1/e1' },
  creditor: { holderName: '第一医院 & <Söhne>', bankCode: '102331000023', account: OF_H1 },
  ...changes,
});
const bytes = (text: string): Uint8Array[] => [Buffer.from(text)];

test('a file of instructions keeps to the published schema of pain.001', async () => {
  const content = fileOf([transfer(), transfer({ endToEndId: 'e2', amountFen: 1 })]);
  expect(content).toContain('<CtrlSum>1234.57</CtrlSum>');
  expect(await faultsOf('pain.001.001.09', content)).toEqual([]);
  // The check can fail.
  expect(await faultsOf('pain.001.001.09', content.replace('TRF', 'CASH'))).not.toEqual([]);
}, 30_000);

test('its sum is that of its transfers, whatever they are', () =>
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 10 ** 11 }), { minLength: 1 }), (amounts) => {
      const transfers = amounts.map((amountFen) => transfer({ amountFen }));
      const sums = [...fileOf(transfers).matchAll(/InstdAmt Ccy="CNY">(\d+)\.(\d\d)</g)];
      const written = sums.reduce((sum, [, yuan, fen]) => sum + Number(`${yuan}${fen}`), 0);
      expect(written).toBe(controlSumOf(transfers));
    }),
  ));

test('what the sandbox’s bank says keeps to the published schemas, and is read as it was meant', async () => {
  const book = new SettlementBankBook(() => new Date('2026-03-03T02:00:00Z'));
  book.behave(OF_H1, 'rejected');
  const other = { ...transfer().creditor, account: '955500010002' };
  book.behave(other.account, 'returned');
  book.take('a1', fileOf([transfer(), transfer({ endToEndId: 'e2', creditor: other })]));
  book.remit(SETTLEMENT, 5, 'caretab/channel/unionpay/2026-03-02');
  book.endDay();
  const versions = {
    'pain.002': 'pain.002.001.12',
    'camt.053': 'camt.053.001.08',
    'camt.054': 'camt.054.001.08',
  };
  for (const { kind, content } of book.reports())
    expect(await faultsOf(versions[kind], content)).toEqual([]);
  const [first] = book.reports();
  expect(await statusReportOf(bytes(first!.content))).toEqual({
    ...{ messageId: 'a1', file: undefined },
    transfers: [
      { endToEndId: 'e1', status: 'rejected', reason: 'AC04' },
      { endToEndId: 'e2', status: 'accepted', reason: undefined },
    ],
  });
  const { content } = book.reports().at(-1)!;
  const parts = [];
  for await (const part of statementParts(bytes(content))) parts.push(part);
  expect(parts).toMatchObject([
    { kind: 'entry', entry: { amountFen: -123_456, endToEndId: 'e2', isReturn: false } },
    { kind: 'entry', entry: { amountFen: 123_456, isReturn: true, reason: 'AC04' } },
    { kind: 'entry', entry: { amountFen: 5, remittance: 'caretab/channel/unionpay/2026-03-02' } },
    { kind: 'end', account: SETTLEMENT, entries: 3, missingFen: 0 },
  ]);
}, 60_000);

const CAMT = 'urn:iso:std:iso:20022:tech:xsd:camt.053.001.08';
const statementOf = (content: string, head = ''): string =>
  `<?xml version="1.0"?>${head}<Document xmlns="${CAMT}"><BkToCstmrStmt><Stmt><Id>s1</Id>` +
  `<Acct><Id><Othr><Id>1</Id></Othr></Id></Acct>${content}</Stmt></BkToCstmrStmt></Document>`;
const entry = (amount: string, details = '', extra = ''): string =>
  `<Ntry><Amt Ccy="CNY">${amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>` +
  `<ValDt><Dt>2026-03-03</Dt></ValDt>${extra}<NtryDtls>${details}</NtryDtls></Ntry>`;
const entriesOf = async (text: string): Promise<BankEntry[]> => {
  const entries: BankEntry[] = [];
  for await (const part of statementParts(bytes(text)))
    if (part.kind === 'entry') entries.push(part.entry);
  return entries;
};

test.each([
  ['a document type', statementOf('', '<!DOCTYPE Document [<!ENTITY a "b">]>'), 'document type'],
  ['an entity of its own', statementOf(entry('&a;')), 'well-formed'],
  ['an open end', statementOf('').slice(0, -12), 'well-formed'],
  ['another namespace', statementOf('').replace('camt.053', 'pain.001'), 'another kind'],
  ['another encoding', statementOf('').replace('"1.0"', '"1.0" encoding="GBK"'), 'UTF-8'],
  ['depth without end', statementOf('<a>'.repeat(60)), 'too deep'],
  ['no account', statementOf(entry('1')).replace(/<Acct>.*<\/Acct>/, ''), 'no account'],
])('%s is refused', async (_what, text, why) => {
  await expect(entriesOf(text)).rejects.toThrow(why);
});

test('bytes that are not UTF-8 are refused', async () => {
  const parts = statementParts([Buffer.from(statementOf('')), Buffer.from([0xff, 0xfe])]);
  await expect(parts.next()).rejects.toThrow('UTF-8');
});

test.each([
  ['1000000', 100_000_000],
  ['0.01', 1],
  ['12.30000', 1230],
  ['12.345', null],
  ['-1.00', null],
  ['1e3', null],
  ['0', null],
  ['1234567890123', null],
])('an amount of %s is %s fen', async (text, amountFen) => {
  expect(await entriesOf(statementOf(entry(text)))).toMatchObject([{ amountFen }]);
});

test('another currency is no amount; what is pending is no movement', async () => {
  const dollars = entry('1').replace('CNY', 'USD');
  expect(await entriesOf(statementOf(dollars))).toMatchObject([{ amountFen: null }]);
  expect(await entriesOf(statementOf(entry('1').replace('BOOK', 'PDNG')))).toEqual([]);
});

test('a batch is its payments where they come to the whole; else one movement that fits nothing', async () => {
  const payment = (id: string, amount: string): string =>
    `<TxDtls><Refs><EndToEndId>${id}</EndToEndId></Refs><Amt Ccy="CNY">${amount}</Amt></TxDtls>`;
  const batch = payment('e1', '1.00') + payment('e2', '2.00');
  expect(await entriesOf(statementOf(entry('3.00', batch)))).toMatchObject([
    { endToEndId: 'e1', amountFen: 100, reference: 's1#1/1' },
    { endToEndId: 'e2', amountFen: 200, reference: 's1#1/2' },
  ]);
  expect(await entriesOf(statementOf(entry('4.00', batch)))).toMatchObject([
    { endToEndId: null, amountFen: 400 },
  ]);
});

test('a statement of many entries is read as it comes: what is held is one of them', async () => {
  const COUNT = 20_000;
  const one = Buffer.from(entry('1.00', '<TxDtls><RmtInf><Ustrd>x</Ustrd></RmtInf></TxDtls>'));
  let given = 0;
  const chunks = function* (): Generator<Uint8Array> {
    const [head = '', tail = ''] = statementOf('@').split('@');
    yield Buffer.from(head);
    for (given = 1; given <= COUNT; given++) yield one;
    yield Buffer.from(tail);
  };
  let [read, lagMax] = [0, 0];
  for await (const { kind } of statementParts(chunks())) {
    if (kind !== 'entry') continue;
    read += 1;
    lagMax = Math.max(lagMax, given - read);
  }
  expect(read).toBe(COUNT);
  expect(lagMax).toBeLessThanOrEqual(1);
});
