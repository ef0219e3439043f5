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
    get gatherFacts () {
        return gatherFacts;
    },
    get totalsOf () {
        return totalsOf;
    }
});
const totalsOf = ({ ledger: { days } })=>{
    const sum = (field)=>days.reduce((total, day)=>total + day[field], 0);
    const payers = {};
    const notDeferred = {};
    for (const day of days){
        for (const [payerId, amountFen] of Object.entries(day.payers))payers[payerId] = (payers[payerId] ?? 0) + amountFen;
        for (const [reason, { count, amountFen }] of Object.entries(day.notDeferred)){
            const known = notDeferred[reason] ?? {
                count: 0,
                amountFen: 0
            };
            notDeferred[reason] = {
                count: known.count + count,
                amountFen: known.amountFen + amountFen
            };
        }
    }
    return {
        opened: sum('opened'),
        deferredFen: sum('deferredFen'),
        reversedFen: sum('reversedFen'),
        conflicts: sum('conflicts'),
        adjudicatedGrossFen: sum('adjudicatedGrossFen'),
        patientDueFen: sum('patientDueFen'),
        payments: sum('payments'),
        paidFen: sum('paidFen'),
        refunds: sum('refunds'),
        refundedFen: sum('refundedFen'),
        payers,
        notDeferred
    };
};
const gatherFacts = async (api, services, businessDate, moneyDays, visitIds)=>{
    const parked = await Promise.all(services.map(async (service)=>[
            service,
            (await api.get(`/${service}/parked`)).messages.length
        ]));
    const visits = new Map();
    for (const visitId of visitIds){
        const visit = await api.get(`/visit-ledger/visits/${visitId}`).catch(()=>undefined);
        if (visit) visits.set(visitId, visit);
    }
    return {
        ledger: await api.get('/visit-ledger/summary'),
        trialBalance: await api.get('/visit-ledger/trial-balance'),
        viewCheck: await api.get('/visit-ledger/views/check'),
        gateway: await api.get('/gateway/summary'),
        credit: await api.get('/credit/summary'),
        payment: await api.get('/payment/summary'),
        reconciliations: await Promise.all(moneyDays.map((date)=>api.get(`/payment/reconciliation/${date}`))),
        clearing: await api.get(`/payment/clearings/${businessDate}`),
        notification: await api.get('/notification/summary'),
        parked: Object.fromEntries(parked),
        visits
    };
};
//# sourceMappingURL=facts.js.map
