/** Packs the packages as JavaScript into `dist/`. */
import { relative, resolve } from 'node:path';
import { packPackages } from './pack/pack-packages.ts';

const output = resolve(import.meta.dirname, '..', 'dist');
for (const tarball of await packPackages(output)) process.stdout.write(`${relative(process.cwd(), tarball)}\n`);
