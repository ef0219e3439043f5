"use strict";
Object.defineProperty(exports, "__esModule", {
    value: true
});
function _export(target, all) {
    for(var name in all)Object.defineProperty(target, name, {
        enumerable: true,
        get: Object.getOwnPropertyDescriptor(all, name).get
    });
}
_export(exports, {
    get pageOf () {
        return pageOf;
    },
    get urlsOf () {
        return urlsOf;
    }
});
const _kernel = require("@caretab/kernel");
const _facts = require("./facts");
const WIDTH = 104;
const COUNT = 8;
const AMOUNT = 16;
const grouped = (amountFen)=>(0, _kernel.formatYuan)(amountFen).replace(/\B(?=(\d{3})+(?!\d))(?=.*\.)/g, ' ');
const row = (what, count, amountFen)=>`  ${what.padEnd(WIDTH - COUNT - AMOUNT - 2)}${String(count).padStart(COUNT)}${(amountFen === undefined ? '' : grouped(amountFen)).padStart(AMOUNT)}`;
const heading = (title, columns = '')=>`\n${title}${columns.padStart(WIDTH - title.length)}`;
const BOTH = `${'count'.padStart(COUNT)}${'CNY'.padStart(AMOUNT)}`;
const mark = (holds)=>holds ? '✓' : '✗';
const sumOf = (counts)=>counts.reduce((sum, count)=>sum + count, 0);
const byName = (record)=>Object.entries(record).sort(([a], [b])=>a < b ? -1 : 1);
const pageOf = (businessDate, facts, checks, troubles)=>{
    const totals = (0, _facts.totalsOf)(facts);
    const insurersFen = sumOf(Object.values(totals.payers));
    const owedFen = totals.patientDueFen - totals.paidFen + totals.refundedFen;
    const { visitsByStatus } = facts.ledger;
    // A charge that was taken back while it still waited was never deferred: only what is left does not depend on how fast an answer was.
    const sumOfVisits = (field)=>sumOf([
            ...facts.visits.values()
        ].map((visit)=>Number(visit[field])));
    const lines = [
        '═'.repeat(WIDTH),
        `CareTab · the day ${businessDate}`,
        '═'.repeat(WIDTH),
        heading('Visits', BOTH),
        row('opened', totals.opened),
        ...byName(visitsByStatus).map(([status, count])=>row(`  ${status === 'adjudicated' ? 'adjudicated, not yet paid' : status}`, count)),
        heading('Charges', BOTH),
        row('deferred, and not taken back', sumOfVisits('chargesDeferred'), totals.deferredFen - totals.reversedFen),
        row('reversed', sumOfVisits('chargesReversed')),
        ...byName(totals.notDeferred).map(([reason, { count, amountFen }])=>row(`not deferred: ${reason}`, count, amountFen)),
        row('the same charge id with other content, reported', totals.conflicts),
        heading('Who bears the care of settled and adjudicated visits', BOTH),
        row('gross', '', totals.adjudicatedGrossFen),
        ...byName(totals.payers).map(([payerId, amountFen])=>row(`  insurer ${payerId}`, '', amountFen)),
        row('  insurers together', '', insurersFen),
        row('  patients', '', totals.patientDueFen),
        heading('Money', BOTH),
        row('payments', totals.payments, totals.paidFen),
        row('refunds', totals.refunds, totals.refundedFen),
        row('still owed by patients', facts.ledger.paymentsMissed, owedFen),
        heading('Cleared', BOTH),
        ...facts.clearing.parties.map(({ party, partyId, amountFen })=>row(`  ${party} ${partyId} ${amountFen >= 0 ? 'receives' : 'pays'}`, '', Math.abs(amountFen))),
        heading('Messages refused, kept for an operator', BOTH),
        ...byName(facts.gateway.refused).map(([code, count])=>row(`  ${code}`, count)),
        ...byName(facts.parked).filter(([, count])=>count > 0).map(([service, count])=>row(`  parked by ${service}`, count)),
        heading('Notices', BOTH),
        ...byName(facts.notification.byTemplate).map(([template, byStatus])=>row(`  ${template}`, sumOf(Object.values(byStatus)))),
        heading('Planted troubles', 'planted  as expected'),
        ...troubles.map(({ what, planted, asExpected, holds })=>`${mark(holds)} ${what.padEnd(WIDTH - 22)}${String(planted).padStart(7)}${String(asExpected).padStart(13)}`),
        heading('Checks'),
        ...checks.map(({ what, holds })=>`${mark(holds)} ${what}`),
        '',
        `Trial balance ${grouped(facts.trialBalance.differenceFen)} CNY`,
        '═'.repeat(WIDTH)
    ];
    return lines.join('\n');
};
const urlsOf = (url, example)=>[
        'Go on from here:',
        `  a visit            curl ${url}/v1/visits/${example.visitId}`,
        `  its whole history  curl ${url}/v1/visits/${example.visitId}/history`,
        `  a person's visits  curl ${url}/v1/persons/${example.personId}/visits`,
        `  its claim          curl ${url}/adjudication/claims/${example.visitId}`,
        `  a hospital's day   curl ${url}/visit-ledger/institutions/${example.institutionId}/days/${example.businessDate}`,
        `  refused messages   curl ${url}/gateway/quarantine`,
        `  parked messages    curl ${url}/visit-ledger/parked`,
        `  the book           curl ${url}/visit-ledger/trial-balance`,
        `  health, metrics    curl ${url}/health    curl ${url}/metrics`,
        `  the API            ${url}/docs`
    ].join('\n');
//# sourceMappingURL=page.js.map
