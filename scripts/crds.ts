/** Writes the CustomResourceDefinitions of `deploy/crds`. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { manifests } from './crds/manifests.ts';

const directory = join(import.meta.dirname, '../deploy/crds');
mkdirSync(directory, { recursive: true });
for (const [name, text] of manifests()) writeFileSync(join(directory, name), text);
