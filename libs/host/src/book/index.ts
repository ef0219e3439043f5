export { Book, BooksByService } from './book';
export { BookController } from './book.controller';
export { bookEntryTable } from './book.table';
export { createBook, dropBook } from './book-schema';
