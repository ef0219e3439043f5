"use strict";
Object.defineProperty(exports, "__esModule", {
    value: true
});
Object.defineProperty(exports, "AcquirerTwin", {
    enumerable: true,
    get: function() {
        return AcquirerTwin;
    }
});
const _sandbox = require("@caretab/sandbox");
const PROCESSING_MS = 2000;
const REFUSED = {
    ORDER_CONFLICT: 409,
    REFUND_CONFLICT: 409,
    REFUND_ABOVE_CAPTURED: 409,
    ORDER_UNKNOWN: 404
};
let AcquirerTwin = class AcquirerTwin {
    constructor(now){
        this.now = now;
        /** How many requests were answered: whether there is anything new to look at. */ this.answers = 0;
        this.book = new _sandbox.AcquirerBook([], ()=>undefined);
    }
    /** `SILENCE`: an answer that never comes. */ answer({ method, path, body }) {
        this.answers += 1;
        const [route = '', query = ''] = path.split('?');
        const [, resource, id] = route.split('/');
        const given = body ?? {};
        if (resource === 'statement') return {
            status: 200,
            body: {
                entries: this.book.statement(new URLSearchParams(query).get('date'), this.now())
            }
        };
        if (resource === 'payments') return method === 'GET' ? this.payment(decodeURIComponent(id)) : this.pay(given);
        if (method === 'GET') {
            const refund = this.book.refundOf(decodeURIComponent(id));
            return refund ? this.refunded(refund) : {
                status: 404,
                body: {
                    code: 'REFUND_UNKNOWN'
                }
            };
        }
        const made = this.book.refund({
            refundId: given.refundId,
            orderId: given.orderId,
            amountFen: given.amountFen
        }, this.now());
        return 'refused' in made ? {
            status: REFUSED[made.refused],
            body: {
                code: made.refused
            }
        } : this.refunded(made.value);
    }
    /** Everything that moved on these days. */ moved(dates) {
        return dates.flatMap((date)=>this.book.statement(date, this.now()));
    }
    pay({ orderId, accountToken, amountFen }) {
        const { kind } = (0, _sandbox.behaviourOf)(accountToken);
        const now = this.now();
        const isNew = !this.book.payment(orderId, now);
        if (isNew && kind === 'error-once' && this.book.firstTime(`error:${orderId}`)) return {
            status: 500,
            body: {}
        };
        if (isNew && kind === 'no-answer-lost' && this.book.firstTime(`lost:${orderId}`)) return 'silence';
        const declines = kind === 'declined' || isNew && kind === 'declined-once' && this.book.firstTime(`declined:${accountToken}`);
        const verdict = declines ? {
            status: 'declined',
            reason: 'INSUFFICIENT_FUNDS',
            at: now
        } : kind === 'processing' ? {
            status: 'processing',
            at: new Date(now.getTime() + PROCESSING_MS)
        } : {
            status: 'captured',
            at: now
        };
        const taken = this.book.pay({
            orderId,
            accountToken,
            amountFen,
            currency: 'CNY'
        }, verdict, now);
        if ('refused' in taken) return {
            status: REFUSED[taken.refused],
            body: {
                code: taken.refused
            }
        };
        return isNew && kind === 'no-answer-captured' ? 'silence' : this.payment(orderId);
    }
    payment(orderId) {
        const payment = this.book.payment(orderId, this.now());
        if (!payment) return {
            status: 404,
            body: {
                code: 'ORDER_UNKNOWN'
            }
        };
        const { status, reference, reason, at } = payment;
        return {
            status: 200,
            body: {
                status,
                reference,
                ...reason && {
                    reason
                },
                ...status === 'captured' && {
                    capturedAt: at
                }
            }
        };
    }
    refunded({ reference, at }) {
        return {
            status: 200,
            body: {
                status: 'refunded',
                reference,
                refundedAt: at
            }
        };
    }
};
//# sourceMappingURL=outside-twins.js.map
