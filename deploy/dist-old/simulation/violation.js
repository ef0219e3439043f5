/** Sentence of what must always hold, as the design numbers them, and two of the end. */ "use strict";
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
    get INVARIANTS () {
        return INVARIANTS;
    },
    get Violation () {
        return Violation;
    },
    get must () {
        return must;
    },
    get mustBeWholeFen () {
        return mustBeWholeFen;
    }
});
const INVARIANTS = {
    line: 'no hold takes holds and outstanding above the line',
    heldAddsUp: 'an account holds and owes what its visits do',
    once: 'a charge is on the ledger exactly once',
    balance: 'debits equal credits, and gross = payers’ parts + due',
    view: 'a view equals the fold of its facts',
    reader: 'no committed event is skipped by a reader',
    captured: 'a captured payment is on the ledger, and never twice at the acquirer',
    chain: 'the audit chain verifies',
    forgotten: 'destroying a person’s data breaks no chain',
    integer: 'money is whole fen',
    sentOnce: 'an e-mail is sent at most once',
    decided: 'everything that was accepted is decided',
    settled: 'every closed visit is settled or owed',
    holds: 'every hold is accounted for',
    parked: 'nothing is parked that should not be',
    quiet: 'the platform comes to rest'
};
let Violation = class Violation extends Error {
    constructor(invariant, details){
        super(`${INVARIANTS[invariant]}: ${details}`), this.invariant = invariant, this.details = details;
        this.name = 'Violation';
    }
};
function must(condition, invariant, details) {
    if (!condition) throw new Violation(invariant, JSON.stringify(details()));
}
const mustBeWholeFen = (value, where)=>{
    if (value === null || typeof value !== 'object') return;
    for (const [field, item] of Object.entries(value)){
        if (field.endsWith('Fen') && item !== null) must(Number.isSafeInteger(item), 'integer', ()=>({
                where,
                field,
                item
            }));
        else mustBeWholeFen(item, where);
    }
};
//# sourceMappingURL=violation.js.map
