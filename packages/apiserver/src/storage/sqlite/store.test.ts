import { describeStore } from '../store-suite.test-support.ts';
import { openSqliteStore } from './open.ts';

describeStore('SQLite store', {
  open: (directory) => openSqliteStore({ directory }),
  crashWriter: new URL('./crash-writer.test-support.ts', import.meta.url),
});
