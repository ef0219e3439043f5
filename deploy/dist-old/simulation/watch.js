"use strict";
Object.defineProperty(exports, "__esModule", {
    value: true
});
Object.defineProperty(exports, "Watch", {
    enumerable: true,
    get: function() {
        return Watch;
    }
});
const _contracts = require("@caretab/contracts");
const _tabbook = require("./tab-book");
const _violation = require("./violation");
/** Facts that are always told to others; ChargeReversed only sometimes. */ const PUBLIC = new Set([
    'VisitOpened',
    'HoldIncreaseRequested',
    'ChargeDeferred',
    'ChargeNotDeferred',
    'ChargeConflictFound',
    'VisitCancelled',
    'VisitClosed',
    'VisitAdjudicated',
    'VisitSettled',
    'PaymentMissed'
]);
let Watch = class Watch {
    constructor(world){
        this.world = world;
        this.book = new _tabbook.TabBook();
        this.seen = new Map();
        this.held = new Map();
        this.published = new Set();
        this.facts = [];
        this.factsChecked = 0;
        this.messagesRead = 0;
        this.position = 0n;
    }
    async look() {
        await this.readFacts();
        this.readMessages();
        if (this.hasChanged('credit')) this.lines();
        if (this.hasChanged('visit-ledger')) this.readers();
        const hasPaid = this.hasChanged('payment');
        if (hasPaid) this.journal();
        if (hasPaid || this.isNew('acquirer', this.world.acquirer.answers)) this.captures();
    }
    hasChanged(service) {
        return this.isNew(service, this.database(service).commits);
    }
    isNew(what, count) {
        if (this.seen.get(what) === count) return false;
        this.seen.set(what, count);
        return true;
    }
    database(service) {
        return this.world.databases.get(service);
    }
    async readFacts() {
        for (const event of (await this.world.events.readAll({
            after: this.position,
            countMax: 1000
        }))){
            this.book.read(event);
            this.facts.push({
                position: event.position,
                id: event.id,
                type: event.type
            });
            this.position = event.position;
        }
    }
    readMessages() {
        for(; this.messagesRead < this.world.sent.length; this.messagesRead += 1){
            const { topic, message } = this.world.sent[this.messagesRead];
            (0, _violation.mustBeWholeFen)(JSON.parse(message.value), topic);
            if (topic === _contracts.visitLedgerVisits.name) this.published.add(message.headers['ce_id']);
        }
    }
    lines() {
        const holds = this.database('credit').committed('hold');
        for (const account of this.database('credit').committed('account')){
            const { accountPersonId, lineFen, heldFen, outstandingFen } = account;
            const own = holds.filter((hold)=>hold.accountPersonId === accountPersonId);
            const sum = (field)=>own.reduce((total, hold)=>total + hold[field], 0);
            (0, _violation.must)(heldFen <= (this.held.get(accountPersonId) ?? 0) || heldFen + outstandingFen <= lineFen, 'line', ()=>account);
            (0, _violation.must)(sum('heldFen') + sum('outstandingFen') <= lineFen || sum('heldFen') <= (this.held.get(accountPersonId) ?? 0), 'line', ()=>({
                    account,
                    own
                }));
            (0, _violation.must)(heldFen === sum('heldFen') && outstandingFen === sum('outstandingFen'), 'heldAddsUp', ()=>({
                    account,
                    own
                }));
            (0, _violation.mustBeWholeFen)(account, 'account');
            this.held.set(accountPersonId, heldFen);
        }
    }
    /** What a reader's checkpoint has passed was told to others. */ readers() {
        const checkpoint = this.database('visit-ledger').committed('checkpoint').find(({ name })=>name === 'publication');
        for(; this.factsChecked < this.facts.length && this.facts[this.factsChecked].position <= BigInt(checkpoint?.position ?? '0'); this.factsChecked += 1){
            const fact = this.facts[this.factsChecked];
            (0, _violation.must)(!PUBLIC.has(fact.type) || this.published.has(fact.id), 'reader', ()=>({
                    type: fact.type,
                    position: String(fact.position),
                    checkpoint: checkpoint?.position
                }));
        }
    }
    journal() {
        const entries = this.database('payment').committed('journal_entry');
        const differenceFen = entries.reduce((sum, { debitFen, creditFen })=>sum + debitFen - creditFen, 0);
        (0, _violation.must)(differenceFen === 0, 'balance', ()=>({
                journal: differenceFen
            }));
    }
    /** What the acquirer took of a visit, less what went back, never exceeds what was ever due; the ledger never knows of more than the acquirer. */ captures() {
        const visitOf = new Map(this.database('payment').committed('payment_order').map(({ orderId, visitId })=>[
                orderId,
                visitId
            ]));
        const taken = new Map();
        const captured = new Map();
        for (const { kind, orderId, amountFen } of this.world.acquirer.moved(this.world.days())){
            const visitId = visitOf.get(orderId) ?? `order ${orderId}`;
            taken.set(visitId, (taken.get(visitId) ?? 0) + (kind === 'capture' ? amountFen : -amountFen));
            if (kind === 'capture') captured.set(visitId, (captured.get(visitId) ?? 0) + amountFen);
        }
        for (const [visitId, takenFen] of taken)(0, _violation.must)(takenFen <= (this.book.tabs.get(visitId)?.dueMaxFen ?? 0), 'captured', ()=>({
                visitId,
                takenFen,
                dueMaxFen: this.book.tabs.get(visitId)?.dueMaxFen
            }));
        for (const [visitId, tab] of this.book.tabs)(0, _violation.must)(tab.paidFen <= (captured.get(visitId) ?? 0), 'captured', ()=>({
                visitId,
                onLedgerFen: tab.paidFen,
                capturedFen: captured.get(visitId) ?? 0
            }));
    }
};
//# sourceMappingURL=watch.js.map
