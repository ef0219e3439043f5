"use strict";
Object.defineProperty(exports, "__esModule", {
    value: true
});
Object.defineProperty(exports, "Scheduler", {
    enumerable: true,
    get: function() {
        return Scheduler;
    }
});
const TURNS_MAX = 100;
let Scheduler = class Scheduler {
    constructor(startsAt, tell){
        this.tell = tell;
        this.steps = 0;
        this.planned = [];
        this.order = 0;
        this.nowUs = Date.parse(startsAt) * 1000;
    }
    now() {
        return new Date(Math.floor(this.nowUs / 1000));
    }
    get nowMs() {
        return this.nowUs / 1000;
    }
    /** Plans `run` for later; gives how to call it off. */ after(delayMs, what, run) {
        const planned = {
            atUs: this.nowUs + Math.max(0, Math.round(delayMs * 1000)),
            order: this.order += 1,
            what,
            run,
            cancelled: false
        };
        this.push(planned);
        return ()=>void (planned.cancelled = true);
    }
    sleep(durationMs, signal) {
        return this.sleepAs('wakes', durationMs, signal);
    }
    sleepAs(what, durationMs, signal) {
        if (signal?.aborted) return Promise.resolve();
        return new Promise((resolve)=>{
            const end = ()=>{
                cancel();
                signal?.removeEventListener('abort', end);
                resolve();
            };
            const cancel = this.after(durationMs, what, end);
            signal?.addEventListener('abort', end);
        });
    }
    /** The clock leaps; what is due until then happens late. */ leap(durationMs) {
        this.nowUs += durationMs * 1000;
        this.tell(`${this.stamp()} the clock leaps ${durationMs} ms`);
    }
    /** Does the next thing and all that follows from it at once; false when nothing is planned. */ async step() {
        let next = this.next();
        // A process that starts takes a few turns of its own before it waits for anything.
        for(let turn = 0; !next && turn < TURNS_MAX; turn += 1){
            await settled();
            next = this.next();
        }
        if (!next) return false;
        this.nowUs = Math.max(this.nowUs, next.atUs);
        this.steps += 1;
        this.tell(`${this.stamp()} ${next.what}`);
        next.run();
        await settled();
        return true;
    }
    stamp() {
        return this.now().toISOString().slice(5, 23);
    }
    next() {
        let next = this.pop();
        while(next?.cancelled)next = this.pop();
        return next;
    }
    push(planned) {
        const heap = this.planned;
        let at = heap.push(planned) - 1;
        for(let parent = at - 1 >> 1; at > 0 && isBefore(planned, heap[parent]); parent = at - 1 >> 1){
            heap[at] = heap[parent];
            at = parent;
        }
        heap[at] = planned;
    }
    pop() {
        const heap = this.planned;
        const first = heap[0];
        const last = heap.pop();
        if (!first || !last || heap.length === 0) return first;
        let at = 0;
        for(;;){
            let child = 2 * at + 1;
            if (child >= heap.length) break;
            if (child + 1 < heap.length && isBefore(heap[child + 1], heap[child])) child += 1;
            if (!isBefore(heap[child], last)) break;
            heap[at] = heap[child];
            at = child;
        }
        heap[at] = last;
        return first;
    }
};
const isBefore = (a, b)=>a.atUs < b.atUs || a.atUs === b.atUs && a.order < b.order;
/** All promises that are ready have run; there is no socket or real timer that could come between. */ const settled = ()=>new Promise((done)=>setImmediate(done));
//# sourceMappingURL=scheduler.js.map
