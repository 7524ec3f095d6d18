/** Run by the tests: writes until the disk refuses more, and prints what was committed. */
import { writeSync } from 'node:fs';
import { encodeObject } from '../encode.ts';
import { openSqliteStore } from './open.ts';

const [directory = ''] = process.argv.slice(2);
const store = await openSqliteStore({ directory });

for (let n = 0; ; n++) {
  const name = `t${n}`;
  const object = { apiVersion: 'example.com/v1', kind: 'Thing', metadata: { name }, text: 'x'.repeat(10_000) };
  const key = { resource: 'things.example.com', namespace: 'default', name };
  await store.commit({ operations: [{ type: 'put', key, uid: name, value: encodeObject(object) }] });
  writeSync(1, `${name}\n`);
}
