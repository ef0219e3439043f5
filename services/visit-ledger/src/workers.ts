import { type EventStore, proveKeys } from '@caretab/event-store';
import type { OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import type { SetAside } from './set-aside/set-aside';
import type { VisitPublication } from './visit/visit-publication';
import type { Projection } from './views/projection';

/** Starts and stops what follows the event store: publication and views. */
export class Workers implements OnApplicationBootstrap, OnApplicationShutdown {
  constructor(
    private readonly events: Pick<EventStore, 'head' | 'readAll'>,
    private readonly setAside: Pick<SetAside, 'refresh'>,
    private readonly publication: VisitPublication,
    private readonly projection: Projection,
  ) {}

  /** Throws EventKeyWrong: with another key no visit is looked at, and nothing is signed. */
  async onApplicationBootstrap(): Promise<void> {
    await proveKeys(this.events);
    await this.setAside.refresh();
    await this.publication.start();
    await this.projection.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.publication.stop();
    await this.projection.stop();
  }
}
