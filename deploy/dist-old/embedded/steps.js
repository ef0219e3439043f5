"use strict";
Object.defineProperty(exports, "__esModule", {
    value: true
});
Object.defineProperty(exports, "Steps", {
    enumerable: true,
    get: function() {
        return Steps;
    }
});
const TITLE_WIDTH = 50;
const seconds = (sinceMs)=>`${((performance.now() - sinceMs) / 1000).toFixed(1)} s`;
let Steps = class Steps {
    constructor(out){
        this.out = out;
        this.startedAt = performance.now();
    }
    async step(title, work) {
        const stepAt = performance.now();
        let shownAt = 0;
        const update = (text)=>{
            if (!this.out.isTTY || performance.now() - shownAt < 100) return;
            shownAt = performance.now();
            this.out.write(`\r\x1b[2K… ${title} · ${text}`.slice(0, (this.out.columns ?? 100) + 4));
        };
        update('');
        const result = await work(update);
        this.line(`✔ ${title.padEnd(TITLE_WIDTH)} ${seconds(stepAt)}`);
        return result;
    }
    line(text) {
        this.out.write(`${this.out.isTTY ? '\r\x1b[2K' : ''}${text}\n`);
    }
    elapsed() {
        return seconds(this.startedAt);
    }
};
//# sourceMappingURL=steps.js.map
