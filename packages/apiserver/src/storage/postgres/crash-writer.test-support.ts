/** Run by the store's tests: several writers put objects until the process is killed; what was committed is printed. */
import { writeSync } from 'node:fs';
import { encodeObject } from '../encode.ts';
import { openDirectoryStore } from './directory-store.test-support.ts';

const [directory = '', round = ''] = process.argv.slice(2);
const store = await openDirectoryStore(directory);

async function write(writer: number): Promise<void> {
  for (let n = 0; ; n++) {
    const name = `w${writer}-${round}-${n}`;
    const value = encodeObject({ apiVersion: 'example.com/v1', kind: 'Thing', metadata: { name } });
    const key = { resource: 'things.example.com', namespace: 'default', name };
    const result = await store.commit({ operations: [{ type: 'put', key, uid: name, value, expected: 0 }] });
    writeSync(1, `${name} ${result.changes[0]?.revision}\n`);
  }
}

await Promise.all([0, 1, 2, 3].map(write));
