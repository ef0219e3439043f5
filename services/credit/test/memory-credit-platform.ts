import type { CreditPlatform, ScoreAnswer, ScoreQuestion } from '../src/score/credit-platform';

/** The twin: it remembers what it was asked, and answers of a person what it was given. */
export class MemoryCreditPlatform implements CreditPlatform {
  readonly asked: ScoreQuestion[] = [];
  private readonly answers = new Map<string, ScoreAnswer>();
  /** Runs while a question is out. */
  meanwhile: () => Promise<void> = () => Promise.resolve();

  answersOf(personId: string, answer: ScoreAnswer): void {
    this.answers.set(personId, answer);
  }

  async ask(question: ScoreQuestion): Promise<ScoreAnswer> {
    this.asked.push(question);
    await this.meanwhile();
    return this.answers.get(question.personId) ?? { status: 'unknown' };
  }
}
