import { DomainError } from '@caretab/kernel';
import type { ServiceAnchors } from '../anchors/service-anchors';
import type { Degradation } from '../degradations';
import { type BookProof, proofOfBook } from './book-proof';
import { Booking, type BookParts } from './booking';

/** The entries of a service that are never changed: what shows that this is so. */
export class Book {
  private readonly booking: Booking;
  private anchoredAt: Date;

  constructor(
    private readonly parts: BookParts & { readonly anchors: ServiceAnchors | undefined },
  ) {
    this.booking = new Booking(parts);
    this.anchoredAt = this.booking.bookedAt;
  }

  /** Books what is new, a page at a time. */
  book(): Promise<number> {
    return this.booking.runOnce();
  }

  /** Anchors what is booked. Returns 0: a job that waits for its interval. */
  async anchor(): Promise<0> {
    const { bookedAt } = this.booking;
    const { anchors } = this.parts;
    await anchors?.runOnce();
    if (anchors?.isWhole) this.anchoredAt = bookedAt;
    return 0;
  }

  /** Since when anchors in every place did not cover all entries. */
  ageMs(): number {
    return this.parts.clock.now().getTime() - this.anchoredAt.getTime();
  }

  /** Gives how many entries were looked at meanwhile. */
  prove(): AsyncGenerator<number, BookProof> {
    return proofOfBook(this.parts);
  }

  degradations(): readonly Degradation[] {
    return this.parts.anchors?.degradations() ?? [];
  }
}

/** The books of this process, by the name of their service. */
export class BooksByService extends Map<string, Book> {
  /** Throws SERVICE_UNKNOWN (not-found). */
  of(service: string): Book {
    const book = this.get(service);
    if (!book) throw new DomainError('SERVICE_UNKNOWN', 'not-found', { known: [...this.keys()] });
    return book;
  }
}
