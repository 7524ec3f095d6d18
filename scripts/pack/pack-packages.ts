import { execFile } from 'node:child_process';
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { packedPackages } from './entries.ts';
import { publishedManifest } from './published-manifest.ts';

const run = promisify(execFile);
const root = resolve(import.meta.dirname, '../..');
const license = 'LICENSE';

/**
 * Builds all packages as JavaScript with type declarations below `output`, and packs a tarball of each. Returns the paths of the
 * tarballs. What stood in `output` before is removed.
 * @throws Error with what the compiler or npm said
 */
export async function packPackages(output: string): Promise<string[]> {
  await rm(output, { recursive: true, force: true });
  const built = join(output, 'packages');
  await mkdir(built, { recursive: true });
  await compile(built);
  const tarballs: string[] = [];
  for (const { folder, copied } of packedPackages) {
    const source = join(root, 'packages', folder);
    const target = join(built, folder);
    await writeFile(
      join(target, 'package.json'),
      publishedManifest(await readFile(join(source, 'package.json'), 'utf8')),
    );
    await cp(join(root, license), join(target, license));
    for (const file of ['README.md', ...copied]) {
      await mkdir(dirname(join(target, file)), { recursive: true });
      await cp(join(source, file), join(target, file));
    }
    await requireWhole(target);
    const { stdout } = await run('npm', ['pack', '--json', '--pack-destination', output], { cwd: target });
    const [packed] = JSON.parse(stdout) as { filename: string; files: { path: string }[] }[];
    if (packed === undefined) throw new Error(`npm packed nothing for ${folder}`);
    await requirePacked(target, new Set(packed.files.map(({ path }) => path)));
    tarballs.push(join(output, packed.filename));
  }
  return tarballs;
}

/** What the compiler has written: each module and its types. @throws Error that names a module without code */
async function requireWhole(directory: string): Promise<void> {
  const files = new Set(await readdir(directory, { recursive: true }));
  const lost = [...files].find((file) => file.endsWith('.d.ts') && !files.has(file.replace(/\.d\.ts$/, '.js')));
  if (lost !== undefined) throw new Error(`the compiler has written no code beside ${join(directory, lost)}`);
}

/** @throws Error that names code which npm has left out */
async function requirePacked(directory: string, packed: ReadonlySet<string>): Promise<void> {
  const files = await readdir(directory, { recursive: true });
  const lost = files.find((file) => file.endsWith('.js') && !packed.has(file.replaceAll('\\', '/')));
  if (lost !== undefined) throw new Error(`npm has packed all but ${join(directory, lost)}`);
}

async function compile(output: string): Promise<void> {
  const project = join(output, 'tsconfig.json');
  const settings = {
    extends: join(root, 'tsconfig.json'),
    compilerOptions: {
      noEmit: false,
      declaration: true,
      rootDir: join(root, 'packages'),
      outDir: output,
      typeRoots: [join(root, 'node_modules', '@types')],
      // The whole tree gets iterator helpers from the types of its tests, which are not part of this.
      lib: ['es2025', 'esnext.disposable'],
    },
    files: packedPackages.flatMap(({ folder, entries }) =>
      entries.map((entry) => join(root, 'packages', folder, entry)),
    ),
    include: [],
  };
  await writeFile(project, JSON.stringify(settings));
  try {
    await run(join(root, 'node_modules', '.bin', 'tsc'), ['--project', project], { cwd: root });
  } catch (error) {
    const { stdout } = error as { stdout?: string };
    throw new Error(`the packages do not compile:\n${stdout ?? ''}`, { cause: error });
  }
  await rm(project);
}
