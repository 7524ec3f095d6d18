/** What of a package's `package.json` concerns publishing. */
interface Manifest {
  readonly exports: Readonly<Record<string, string>>;
  readonly [field: string]: unknown;
}

const oldestNode = '>=24';

/** The `package.json` of the JavaScript of a package, from the one it is developed with. */
export function publishedManifest(text: string): string {
  const manifest = JSON.parse(text) as Manifest;
  const exports = Object.fromEntries(
    Object.entries(manifest.exports).map(([name, source]) => {
      if (!source.endsWith('.ts'))
        throw new Error(`exports["${name}"] is ${source}, and should be a TypeScript module`);
      const module = source.slice(0, -'.ts'.length);
      return [name, { types: `${module}.d.ts`, default: `${module}.js` }];
    }),
  );
  return `${JSON.stringify({ ...manifest, exports, engines: { node: oldestNode } }, undefined, 2)}\n`;
}
