"use strict";
Object.defineProperty(exports, "__esModule", {
    value: true
});
Object.defineProperty(exports, "TabBook", {
    enumerable: true,
    get: function() {
        return TabBook;
    }
});
const _violation = require("./violation");
const fresh = ()=>({
        status: 'unknown',
        decisions: new Map(),
        reversed: new Set(),
        amounts: new Map(),
        declined: false,
        grossFen: 0,
        verdict: undefined,
        dueMaxFen: 0,
        paidFen: 0,
        refundedFen: 0,
        missed: false
    });
let TabBook = class TabBook {
    read({ type, data: given }) {
        const data = given;
        (0, _violation.mustBeWholeFen)(data, type);
        const visitId = data['visitId'];
        const tab = this.tabs.get(visitId) ?? fresh();
        this.tabs.set(visitId, tab);
        if (type === 'ChargeDeferred' || type === 'ChargeNotDeferred') this.decide(tab, visitId, type, data['charge']);
        else if (type === 'ChargeReversed') this.reverse(tab, visitId, data);
        else if (type === 'VisitAdjudicated') this.adjudicate(tab, visitId, data);
        else if (type === 'PaymentRecorded') tab.paidFen += data['amountFen'];
        else if (type === 'RefundRecorded') tab.refundedFen += data['amountFen'];
        else if (type === 'CreditDeclined') tab.declined = true;
        else if (type === 'PaymentMissed') tab.missed = true;
        this.moveOn(tab, visitId, type);
    }
    moveOn(tab, visitId, type) {
        if (type === 'VisitCancelled') tab.grossFen = 0;
        const status = {
            VisitOpened: 'open',
            VisitCancelled: 'cancelled',
            VisitClosed: 'closed',
            VisitAdjudicated: 'adjudicated',
            VisitSettled: 'settled'
        }[type];
        if (status) tab.status = status;
        if (type === 'VisitSettled') (0, _violation.must)(tab.verdict?.patientDueFen === tab.paidFen - tab.refundedFen, 'balance', ()=>({
                visitId,
                type,
                dueFen: tab.verdict?.patientDueFen,
                paidFen: tab.paidFen,
                refundedFen: tab.refundedFen
            }));
        (0, _violation.must)(tab.refundedFen <= tab.paidFen, 'balance', ()=>({
                visitId,
                type,
                paidFen: tab.paidFen,
                refundedFen: tab.refundedFen
            }));
    }
    decide(tab, visitId, type, { chargeId, amountFen }) {
        (0, _violation.must)(!tab.decisions.has(chargeId), 'once', ()=>({
                visitId,
                chargeId,
                first: tab.decisions.get(chargeId),
                then: type
            }));
        tab.decisions.set(chargeId, type);
        tab.amounts.set(chargeId, amountFen);
        if (type === 'ChargeDeferred') tab.grossFen += amountFen;
    }
    reverse(tab, visitId, data) {
        const chargeId = data['chargeId'];
        (0, _violation.must)(!tab.reversed.has(chargeId), 'once', ()=>({
                visitId,
                chargeId,
                reversed: 'twice'
            }));
        tab.reversed.add(chargeId);
        if (!tab.decisions.has(chargeId)) tab.decisions.set(chargeId, 'ChargeReversed');
        if (data['wasDeferred']) tab.grossFen -= data['amountFen'];
    }
    adjudicate(tab, visitId, verdict) {
        const insurersFen = verdict.payers.reduce((sum, { amountFen })=>sum + amountFen, 0);
        (0, _violation.must)(verdict.grossFen === insurersFen + verdict.patientDueFen && verdict.grossFen === tab.grossFen, 'balance', ()=>({
                visitId,
                verdict,
                tabFen: tab.grossFen
            }));
        tab.verdict = verdict;
        tab.dueMaxFen = Math.max(tab.dueMaxFen, verdict.patientDueFen);
    }
    constructor(){
        this.tabs = new Map();
    }
};
//# sourceMappingURL=tab-book.js.map
