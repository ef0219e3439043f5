// Generated from docs/errors.json by `npm run generate`; not edited by hand.

/** What to do about a code of the visit ledger. */
export const REMEDIES: Readonly<Record<string, string>> = {
  AMOUNT_MISMATCH: 'Correct quantity, unit price or amount, and send the charge again.',
  AUTHOR_FORBIDDEN:
    'Nothing was done. Operators find it among the parked messages, see ' +
    'runbooks/message-authors.md; a hospital signs with its own key.',
  CHARGE_ALREADY_RETURNED: 'Nothing was changed: nothing is left of the charge. Check its id.',
  CHARGE_AWAITS_AGREEMENT:
    'Refuse it for the citizen (agreed: false) in place of a return, or return it once it is agreed to.',
  CHARGE_NOT_LATE: "Check visit and charge id; the visit's history shows its late charges.",
  CHARGE_UNKNOWN: 'Check the id of the charge, or send the charge before its return.',
  COVERAGE_AWAITED:
    'Ask again in a moment; if it lasts, look at the parked messages of adjudication.',
  DAY_UNKNOWN: 'Check institution and date.',
  DRUG_DISPENSED:
    'Once the pharmacy has the drug back, send the return again with returnedToPharmacy: true.',
  END_BEFORE_CHARGES:
    'Send the end with its time, or return the charges that are not of this visit and send the ' +
    'end again, each under an id of its own.',
  END_BEFORE_START:
    'Send the time of the end. If the start is wrong, cancel the visit and open another.',
  EVENT_VIOLATES_CONTRACT:
    'Nothing was recorded. Correct the fields that the details name and send the message again.',
  FACTS_LEFT_OUT:
    'Find out what these revisions were (leavesOut of the answer), and name exactly them; or ' +
    'have the stream restored.',
  FIELD_INVALID: 'Correct the field and send the message again.',
  GUARDIAN_UNKNOWN:
    'It is tried again for a day: the appointment may be on its way. Then find out why credit says so.',
  IDENTIFICATION_NOT_AWAITED:
    'Look at the visit; if it is still unidentified, propose the person again.',
  IDENTIFICATION_PENDING:
    'Wait for the answer. It ends the proposal, and so do 31 days without one.',
  IDENTIFICATION_REFUSED:
    'Find out who the patient is. The same person is not asked again for the same visit.',
  INSTITUTION_UNKNOWN:
    "Register the institution, or check MSH-4, the key, or the producer's institutionId.",
  MESSAGE_IMPOSSIBLE:
    'Nothing was changed. Find out why its sender sent it: it is wrong, or was restored from a ' +
    'copy, or its key is in other hands.',
  PAYMENT_CONFLICT: 'Nothing was changed. Reconcile with the channel.',
  PERSON_DIFFERS: 'Check the visit number and the identifier.',
  PLAN_NOT_RECEIVED:
    'Nothing: the message waits for it. If it stays parked, look at the topic ' +
    'adjudication.plans and its consumer.',
  REFUND_CONFLICT: 'Nothing was changed. Reconcile with the channel.',
  REQUEST_INVALID: "Correct the request against the route's description at /docs.",
  RETURN_AMOUNT_DIFFERS:
    'Send the return with the amount that fits, by quantity alone, or by amount alone.',
  RETURN_BEFORE_CHARGE:
    'Check which charge is returned, and send the return, under an id of its own, with the time ' +
    'at which it happened.',
  RETURN_CONFLICT:
    'Nothing was changed: the return that came first stands. Send this one under an id of its own.',
  RETURN_EMPTY: 'Send the return with quantity, amountFen, or both.',
  RETURN_EXCEEDS_CHARGE: 'Send the return again, with another id, for at most what is left.',
  RETURN_ITEM_DIFFERS:
    'Check which charge is returned, and send the return, under an id of its own, with the item ' +
    'of the charge.',
  STAFF_NOT_TWO: 'Have a second member of the staff confirm it, and send both ids.',
  TIME_BEFORE_START:
    'Check the visit number, and send the report, under an id of its own, with the time at ' +
    'which it happened.',
  TIME_IN_FUTURE:
    'Send the time at which it happened. Check the clock and the time zone of the sending system.',
  TIME_TOO_OLD:
    'Send the time at which it happened. CARE_TIME_BEHIND_DAYS sets how long ago it may be.',
  VERDICT_AHEAD:
    'Nothing was changed. Have the reports behind that closing delivered to the ledger, then ' +
    'replay the verdict.',
  VERDICT_CONFLICT:
    'Nothing was changed. Find out which of the two is right; a correction needs a further revision.',
  VERDICT_DIFFERS:
    "Nothing was changed. Compare the claim with the visit's history: the sender of the verdict " +
    'is wrong, or it is not adjudication.',
  VERDICT_UNBALANCED:
    'Nothing was changed. The sender of the verdict is wrong, or it is not adjudication; a ' +
    'sound verdict comes under a further revision.',
  VISIT_CLASS_FIXED:
    'While it is open, cancel it and open another. Once it is closed, return its charges and ' +
    'charge them to another visit.',
  VISIT_CONFLICT: 'Nothing was changed. Give every visit a number of its own.',
  VISIT_FULL: 'Close the visit and open another. An amount like that is a mistake: correct it.',
  VISIT_ID_MISMATCH: 'Correct the publisher.',
  VISIT_NOT_ENDED:
    'Nothing was changed: there was no end before it that it could take back. Where an end is ' +
    'to be taken back, send that end, then the reopening again under an id of its own.',
  VISIT_NOT_OPEN: 'Open another, or send the charge to the counter.',
  VISIT_NOT_SET_ASIDE: 'Nothing. GET /visit-ledger/set-aside lists the visits that are.',
  VISIT_NOT_UNIDENTIFIED:
    'Look at the visit. What a year left without a person stays with the hospital.',
  VISIT_SET_ASIDE:
    'Find who wrote to the log, and follow the runbook set-aside; other visits are not concerned.',
  VISIT_UNIDENTIFIED:
    'Say who it is at POST /gateway/visits/{visitId}/identification: two people of the desk, ' +
    'then the person’s yes.',
  VISIT_UNKNOWN: "Check the visit number; send the visit's opening, then the report again.",
};
