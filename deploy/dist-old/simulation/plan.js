"use strict";
Object.defineProperty(exports, "__esModule", {
    value: true
});
Object.defineProperty(exports, "planOf", {
    enumerable: true,
    get: function() {
        return planOf;
    }
});
const _kernel = require("@caretab/kernel");
const _security = require("@caretab/security");
const _testing = require("@caretab/testing");
const ITEMS = [
    [
        '110200001',
        '10.00'
    ],
    [
        '250403014',
        '55.00'
    ],
    [
        '210300001',
        '175.00'
    ],
    [
        '210200001',
        '480.00'
    ],
    [
        '120400001',
        '3.50'
    ],
    [
        '270700002',
        '2600.00'
    ],
    [
        '110100001',
        '1.00'
    ],
    [
        'NOT-IN-CATALOGUE',
        '9.99'
    ]
];
const QUANTITIES = [
    '1',
    '1',
    '2',
    '0.5',
    '3'
];
const TOKENS = [
    'ok',
    'ok',
    'ok',
    'declined-once',
    'declined',
    'no-answer-captured',
    'no-answer-lost',
    'processing',
    'error-once'
];
const FROM = '2025-01-01';
const MEMBERSHIPS = [
    [],
    [
        {
            planId: 'resident-basic',
            psnType: '15',
            from: FROM
        }
    ],
    [
        {
            planId: 'resident-basic',
            psnType: '15',
            from: FROM
        },
        {
            planId: 'evergreen-supplement',
            psnType: '15',
            from: FROM
        }
    ],
    [
        {
            planId: 'employee-basic',
            psnType: '11',
            from: FROM,
            personalAccountYuan: '60.00'
        }
    ]
];
const chance = (random, share)=>random.next() < share;
const citizenOf = (random, index, guardian)=>{
    const body = `330106${guardian === undefined ? '1985' : '2016'}0${random.integer(1, 9)}${String(10 + index)}${String(100 + index)}`;
    return {
        name: `王小${'一二三四五六七八'[index]}`,
        idNumber: body + (0, _security.idNumberCheck)(body),
        mobile: `1380000000${index}`,
        email: `citizen-${index}@example.org`,
        guardian,
        score: random.pick([
            400,
            400,
            560,
            620,
            800
        ]),
        isEnrolled: chance(random, 0.9),
        memberships: guardian === undefined ? random.pick(MEMBERSHIPS) : [
            {
                planId: 'resident-basic',
                psnType: '1403',
                from: FROM
            }
        ],
        token: chance(random, 0.9) ? `account-${index}:${random.pick(TOKENS)}` : undefined
    };
};
/** The n-th minute of the morning, Asia/Shanghai. */ const minute = (number)=>`2026-03-02T${String(8 + Math.floor(number / 60)).padStart(2, '0')}:${String(number % 60).padStart(2, '0')}:00+08:00`;
const visitOf = (random, index, { citizens, institutions })=>{
    const visitNumber = `V${index + 1}`;
    let minutes = random.integer(0, 20);
    const sayings = [];
    const say = (said, pauseMs = random.integer(20, 2_500))=>{
        const place = sayings.length + 1;
        sayings.push({
            ...said,
            pauseMs,
            again: chance(random, 0.15),
            at: minute(minutes += 1),
            key: `${visitNumber}-message-${place}`
        });
    };
    const charged = [];
    const charge = ()=>{
        const [itemCode, unitPriceYuan] = random.pick(ITEMS);
        const quantity = random.pick(QUANTITIES);
        const made = {
            chargeId: `${visitNumber}.${charged.length + 1}`,
            itemCode,
            quantity,
            unitPriceYuan,
            amountFen: (0, _kernel.extend)(quantity, unitPriceYuan),
            occurredAt: minute(minutes += 1)
        };
        charged.push(made);
        return made;
    };
    const startedAt = minute(minutes);
    if (chance(random, 0.15)) say({
        kind: 'charges',
        charges: [
            charge()
        ]
    }); // Before the opening.
    say({
        kind: 'start'
    });
    const batches = random.integer(1, 4);
    for(let batch = 0; batch < batches; batch += 1){
        say({
            kind: 'charges',
            charges: Array.from({
                length: random.integer(1, 3)
            }, charge)
        });
        if (chance(random, 0.1)) say({
            kind: 'charges',
            charges: [
                {
                    ...random.pick(charged),
                    department: 'OTHER'
                }
            ]
        }); // Same id, other content.
        if (chance(random, 0.15)) say({
            kind: 'credit',
            creditId: `${visitNumber}.C${batch}`,
            charge: random.pick(charged)
        });
        if (chance(random, 0.1)) say({
            kind: 'update',
            department: `D${batch}`
        });
    }
    const ending = random.next();
    if (ending < 0.08) say({
        kind: 'withdraw'
    });
    else if (ending < 0.93) {
        say({
            kind: 'end'
        });
        if (chance(random, 0.1)) say({
            kind: 'charges',
            charges: [
                charge()
            ]
        }); // Too late.
        if (chance(random, 0.35)) say({
            kind: 'credit',
            creditId: `${visitNumber}.L1`,
            charge: random.pick(charged)
        }, random.integer(10, 15_000));
        if (chance(random, 0.15)) say({
            kind: 'credit',
            creditId: `${visitNumber}.L2`,
            charge: random.pick(charged)
        }, random.integer(10, 15_000));
        if (chance(random, 0.2)) say({
            kind: 'pay',
            token: `other-${index}:ok`
        }, random.integer(10, 20_000));
    }
    return {
        index,
        visitNumber,
        institution: random.integer(0, institutions - 1),
        citizen: random.integer(0, citizens - 1),
        startsAtMs: random.integer(0, 6_000),
        startedAt,
        sayings,
        visitClass: random.pick([
            'outpatient',
            'outpatient',
            'emergency',
            'inpatient'
        ])
    };
};
/** Each seed has weather of its own: some kinds of trouble are off, so that the others show undisturbed. */ const weatherOf = (random)=>{
    const share = (most, on = 0.7)=>chance(random, on) ? random.next() * most : 0;
    return {
        crash: share(0.004),
        broken: share(0.03),
        answerLost: share(0.03),
        sessionLost: share(0.08),
        stalled: share(0.004)
    };
};
const planOf = (seed)=>{
    const random = (0, _testing.seededRandom)(seed);
    const adults = random.integer(1, 3);
    const citizens = Array.from({
        length: adults
    }, (_, index)=>citizenOf(random, index, undefined));
    if (chance(random, 0.3)) citizens.push(citizenOf(random, adults, 0));
    const institutions = [
        {
            institutionId: 'H1',
            level: 'level-3',
            door: 'http'
        },
        {
            institutionId: 'H2',
            level: random.pick([
                'level-2',
                'community'
            ]),
            door: 'bus'
        }
    ];
    const visits = Array.from({
        length: random.integer(2, 5)
    }, (_, index)=>visitOf(random, index, {
            citizens: citizens.length,
            institutions: institutions.length
        }));
    return {
        citizens,
        institutions,
        visits,
        weather: weatherOf(random),
        replicas: {
            'visit-ledger': chance(random, 0.4) ? 2 : 1,
            credit: chance(random, 0.25) ? 2 : 1,
            payment: chance(random, 0.25) ? 2 : 1,
            notification: chance(random, 0.1) ? 2 : 1,
            adjudication: chance(random, 0.15) ? 2 : 1
        },
        skewMsMax: chance(random, 0.3) ? 5_000 : 0,
        batchSizeMax: random.pick([
            1,
            3,
            50
        ]),
        rebuildsAtMs: chance(random, 0.3) ? [
            random.integer(1_000, 15_000)
        ] : [],
        forgets: chance(random, 0.3) ? random.integer(0, citizens.length - 1) : undefined
    };
};
//# sourceMappingURL=plan.js.map
