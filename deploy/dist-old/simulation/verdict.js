"use strict";
Object.defineProperty(exports, "__esModule", {
    value: true
});
Object.defineProperty(exports, "judge", {
    enumerable: true,
    get: function() {
        return judge;
    }
});
const _rest = require("./rest");
const _violation = require("./violation");
/** What an operator must decide and no repetition can: the sender was wrong, and is told so by the code. */ const RIGHTLY_PARKED = new Set([
    'CHARGE_ALREADY_CREDITED',
    'VISIT_NOT_OPEN',
    'CHARGE_NOT_DEFERRED',
    'CREDIT_AMOUNT_DIFFERS'
]);
const judge = async (court)=>{
    const { world, people, watch } = court;
    for (const { service, row } of (0, _rest.parkedRows)(world))(0, _violation.must)(RIGHTLY_PARKED.has(row.code), 'parked', ()=>({
            service,
            group: row.groupName,
            code: row.code,
            reason: row.reason,
            key: row.key,
            type: JSON.parse(row.headers)['ce_type']
        }));
    (0, _violation.must)(people.refused.length === 0, 'decided', ()=>people.refused);
    chargesDecided(court);
    for (const [visitId, tab] of watch.book.tabs)visitEnded(court, visitId, tab);
    await chains(court);
    await views(court);
    await reconciled(court);
    mails(world);
};
const chargesDecided = ({ plan, people, watch })=>{
    for (const visit of plan.visits){
        const tab = watch.book.tabs.get(people.visitIdOf(visit));
        for (const saying of visit.sayings){
            if (!people.accepted.has(saying) || saying.kind !== 'charges') continue;
            for (const { chargeId } of saying.charges)(0, _violation.must)(tab?.decisions.has(chargeId) ?? false, 'decided', ()=>({
                    visitId: people.visitIdOf(visit),
                    chargeId,
                    status: tab?.status
                }));
        }
    }
};
const visitEnded = ({ world }, visitId, tab)=>{
    const hold = (0, _rest.rows)(world, 'credit', 'hold').find((row)=>row.visitId === visitId);
    const collection = (0, _rest.rows)(world, 'payment', 'collection').find((row)=>row.visitId === visitId);
    const owedFen = (tab.verdict?.patientDueFen ?? 0) - tab.paidFen + tab.refundedFen;
    const seen = ()=>({
            visitId,
            status: tab.status,
            owedFen,
            verdict: tab.verdict,
            hold,
            collection
        });
    // A visit whose hold was declined has no hold to expire: it stays open until its hospital ends it.
    const isOver = tab.status === 'cancelled' || tab.status === 'settled' || tab.status === 'adjudicated' && collection?.status === 'declined' || tab.status === 'open' && tab.declined;
    (0, _violation.must)(isOver, 'settled', seen);
    if (tab.status === 'settled') (0, _violation.must)(owedFen === 0, 'settled', seen);
    (0, _violation.must)((hold?.heldFen ?? 0) === 0, 'holds', seen);
    (0, _violation.must)((hold?.outstandingFen ?? 0) === (tab.status === 'adjudicated' && !(hold?.status === 'declined') ? owedFen : 0), 'holds', seen);
    const paid = collection ?? {
        dueFen: 0,
        capturedFen: 0,
        refundedFen: 0
    };
    (0, _violation.must)(paid.dueFen === (tab.verdict?.patientDueFen ?? 0) && paid.capturedFen === tab.paidFen && paid.refundedFen === tab.refundedFen, 'captured', seen);
    const insurersFen = (tab.verdict?.payers ?? []).reduce((sum, { amountFen })=>sum + amountFen, 0);
    const posted = new Map(world.sent.filter(({ topic })=>topic.startsWith('insurer.')).map(({ message })=>[
            message.headers['ce_id'],
            JSON.parse(message.value)
        ]));
    const postedFen = [
        ...posted.values()
    ].filter((row)=>row.visitId === visitId).reduce((sum, row)=>sum + row.postedFen, 0);
    (0, _violation.must)(postedFen === insurersFen, 'balance', ()=>({
            ...seen(),
            postedFen,
            insurersFen
        }));
};
const chains = async ({ world })=>{
    const { faults } = await world.events.verifyAll();
    (0, _violation.must)(faults.length === 0, 'chain', ()=>faults.length);
};
const views = async ({ people })=>{
    const { body } = await people.ask('visit-ledger', 'GET', '/visit-ledger/views/check');
    (0, _violation.must)(body.equal, 'view', ()=>body);
    const balance = (await people.ask('visit-ledger', 'GET', '/visit-ledger/trial-balance')).body;
    (0, _violation.must)(balance.differenceFen === 0, 'balance', ()=>balance);
};
const reconciled = async ({ world, people })=>{
    for (const date of world.days()){
        const { body } = await people.ask('payment', 'GET', `/payment/reconciliation/${date}`);
        (0, _violation.must)(body.agrees === true, 'captured', ()=>body);
    }
};
const mails = ({ delivered })=>{
    const seen = new Set();
    for (const { to, noticeId } of delivered){
        if (to !== 'mail') continue;
        (0, _violation.must)(!seen.has(noticeId), 'sentOnce', ()=>noticeId);
        seen.add(noticeId);
    }
};
//# sourceMappingURL=verdict.js.map
