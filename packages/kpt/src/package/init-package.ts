import { kptfileApiVersion, kptfileKind } from '../kptfile/kptfile.ts';
import { localConfigAnnotation } from '../yaml/krm-object.ts';
import type { FieldValue } from '../yaml/node-edits.ts';
import { printYaml } from '../yaml/print-node.ts';
import { ResourceDocument } from '../yaml/resource-document.ts';
import { kptfileName, type PackageFiles } from './files.ts';

/** The file that tells functions which package they run on. */
export const packageContextName = 'package-context.yaml';

/** The name of the object in the package context. */
export const packageContextObject = 'kptfile.kpt.dev';

/** What a new package is called and described as. */
export interface NewPackage {
  readonly name: string;
  readonly description: string;
  readonly keywords: readonly string[];
  readonly site: string;
}

/** Adds the files of a new package, each only where it is absent. */
export function initPackage(files: PackageFiles, options: NewPackage): PackageFiles {
  const fresh: readonly [string, string][] = [
    [kptfileName, kptfile(options)],
    ['README.md', readme(options)],
    [packageContextName, packageContext({ name: 'example' })],
  ];
  return new Map([...files, ...fresh.filter(([path]) => !files.has(path))]);
}

/** The package context with the given data. */
export function packageContext(data: { readonly [key: string]: string }): string {
  return print({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: packageContextObject, annotations: localConfig },
    data,
  });
}

const localConfig = { [localConfigAnnotation]: 'true' };

function print(value: FieldValue): string {
  return printYaml(ResourceDocument.create(value).document, 'wide');
}

function kptfile({ name, description, keywords, site }: NewPackage): string {
  const info = {
    site: site || undefined,
    description: description || undefined,
    keywords: keywords.length > 0 ? keywords : undefined,
  };
  return print({
    apiVersion: kptfileApiVersion,
    kind: kptfileKind,
    metadata: { name, annotations: localConfig },
    ...(Object.values(info).some((value) => value !== undefined) && { info }),
  });
}

function readme({ name, description }: NewPackage): string {
  return `# ${name}

## Description

${description}

## Usage

### Get the package

\`kpt pkg get REPOSITORY[.git]/PACKAGE[@VERSION] ${name}\`

### Look at its content

\`kpt pkg tree ${name}\`

### Apply it to a cluster

\`\`\`
kpt live init ${name}
kpt live apply ${name} --reconcile-timeout=2m --output=table
\`\`\`
`;
}
