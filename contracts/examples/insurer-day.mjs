// A day of an insurer: read what was settled, ask about one settlement, reject one, remit the rest,
// and see that it adds up. `node insurer-day.mjs <payer> [hospital]` with CARETAB_URL and
// CARETAB_TOKEN, a token of the insurer's staff (docs/insurers.zh-en.md).
const [payer, hospital] = process.argv.slice(2);
const { CARETAB_URL: url = 'http://127.0.0.1:8080', CARETAB_TOKEN: token } = process.env;
const STATES = ['submitted', 'queried', 'replied', 'accepted', 'adjusted', 'rejected', 'remitted'];

const ask = async (path, answer) => {
  const response = await fetch(`${url}/adjudication/payers/${payer}${path}`, {
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(answer && { method: 'POST', body: JSON.stringify(answer) }),
  });
  if (!response.ok) throw new Error(`${path} answered ${response.status} ${await response.text()}`);
  return response.json();
};
const inState = async (state) => {
  const found = [];
  for (let next = ''; next !== undefined;) {
    const page = await ask(`/standings?state=${state}${next && `&after=${next}`}`);
    found.push(...page.settlements);
    next = page.next;
  }
  return found.filter(({ institutionId }) => !hospital || institutionId === hospital);
};
// The same answer under the same id changes nothing: the program may run again after a crash.
const answer = ({ settlementId }, kind, more = {}) =>
  ask(`/settlements/${settlementId}/answers`, { answerId: `day:${kind}`, kind, ...more });

const [asked, refused, ...rest] = await inState('submitted');
if (asked)
  await answer(asked, 'query', { reason: 'OUT_OF_RESTRICTION', text: 'For which diagnosis?' });
if (refused) await answer(refused, 'reject', { reason: 'CHARGED_TWICE' });
const day = new Date(Date.now() + 8 * 3_600_000).toISOString().slice(0, 10);
for (const each of rest) {
  await answer(each, 'accept');
  await answer(each, 'remit', { amountFen: each.openFen, reference: `RUN-${day}`, day });
}

const all = (await Promise.all(STATES.map(inState))).flat();
const sum = (field) => all.reduce((total, each) => total + each[field], 0);
const [posted, deducted, remitted, open] = ['posted', 'deducted', 'remitted', 'open'].map((name) =>
  sum(`${name}Fen`),
);
if (remitted + deducted + open !== posted) throw new Error('the day does not add up');
console.log(JSON.stringify({ settlements: all.length, posted, deducted, remitted, open }));
