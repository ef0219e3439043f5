/**
 * What was opened and must be closed, the last first. One that fails to close does not keep the
 * others open.
 */
export class Closing {
  private readonly steps: { readonly what: string; readonly close: () => Promise<void> }[] = [];

  constructor(private readonly failed: (what: string, error: unknown) => void) {}

  add(what: string, close: () => Promise<void>): void {
    this.steps.push({ what, close });
  }

  /** Closes what is open; again closes nothing. Resolves when all was tried. */
  async run(): Promise<void> {
    for (let step = this.steps.pop(); step; step = this.steps.pop())
      await step.close().catch((error: unknown) => this.failed(step!.what, error));
  }
}
