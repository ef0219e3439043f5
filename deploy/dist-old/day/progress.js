"use strict";
Object.defineProperty(exports, "__esModule", {
    value: true
});
Object.defineProperty(exports, "DayProgress", {
    enumerable: true,
    get: function() {
        return DayProgress;
    }
});
const _nodefs = require("node:fs");
const _nodepath = require("node:path");
const NOTES_PER_WRITE = 10;
let DayProgress = class DayProgress {
    constructor(path){
        this.path = path;
        this.unsaved = 0;
        this.state = (0, _nodefs.existsSync)(path) ? JSON.parse((0, _nodefs.readFileSync)(path, 'utf8')) : {};
    }
    of(feed) {
        return this.state[feed] ?? 0;
    }
    /** Notes one more acknowledged item; every tenth is kept at once. The few after the last kept one are sent again after a crash, which changes nothing. */ note(feed, count) {
        this.state[feed] = count;
        this.unsaved += 1;
        if (this.unsaved >= NOTES_PER_WRITE) this.save(feed, count);
    }
    /** Remembers that `count` items of the feed were acknowledged; on the disk when it returns. */ save(feed, count) {
        this.state[feed] = count;
        this.unsaved = 0;
        (0, _nodefs.mkdirSync)((0, _nodepath.dirname)(this.path), {
            recursive: true
        });
        (0, _nodefs.writeFileSync)(`${this.path}.new`, JSON.stringify(this.state));
        (0, _nodefs.renameSync)(`${this.path}.new`, this.path);
    }
};
//# sourceMappingURL=progress.js.map
