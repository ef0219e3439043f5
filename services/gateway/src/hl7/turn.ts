import type { Leave } from '../admission/admission';

/** A message's place among those at work. */
export class Turn {
  private leave: Leave | undefined;

  constructor(private readonly admit: (institutionId: string) => Promise<Leave>) {}

  /** Once it has begun, it has. */
  async begin(institutionId: string | undefined): Promise<void> {
    this.leave ??= await this.admit(institutionId ?? '');
  }

  end(): void {
    this.leave?.();
  }
}
