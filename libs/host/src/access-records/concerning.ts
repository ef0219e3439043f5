const concerned = new WeakMap<object, readonly string[]>();

/**
 * Says whose an answer is that names no person: the record of access has them, and the answer stays
 * as it is.
 */
export const concerning = <Answer extends object>(
  persons: readonly string[],
  answer: Answer,
): Answer => {
  concerned.set(answer, persons);
  return answer;
};

/** Whom a handler named beside its answer. */
export const concernedBy = (answer: unknown): readonly string[] =>
  typeof answer === 'object' && answer !== null ? (concerned.get(answer) ?? []) : [];
