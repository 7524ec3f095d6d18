import type { Arguments } from '../../starlark/builtins/arguments.ts';
import { library } from '../../starlark/modules/module.ts';
import { Dict } from '../../starlark/values/dict.ts';
import type { Value } from '../../starlark/values/value.ts';

/** `krmfn.star`: whether a resource is of a kind, name or namespace. */
export function krmfnModule(): Readonly<Record<string, Value>> {
  return library('krmfn', {
    match_gvk(args) {
      const [resource, apiVersion, kind] = args.unnamed(3, 3);
      const wantedVersion = args.string('apiVersion', apiVersion);
      const wantedKind = args.string('kind', kind);
      const [version, itsKind] = [field(args, resource, 'apiVersion'), field(args, resource, 'kind')];
      return version === wantedVersion && itsKind === wantedKind;
    },
    match_name: (args) => matchesMetadata(args, 'name'),
    match_namespace: (args) => matchesMetadata(args, 'namespace'),
  });
}

function matchesMetadata(args: Arguments, key: string): boolean {
  const [resource, wanted] = args.unnamed(2, 2);
  const text = args.string(key, wanted);
  const metadata = field(args, resource, 'metadata');
  const value = metadata instanceof Dict ? metadata.get(key, args.budget) : undefined;
  return (value ?? '') === text;
}

function field(args: Arguments, resource: Value | undefined, key: string): Value | undefined {
  if (resource instanceof Dict) return resource.get(key, args.budget);
  throw args.wrong('resource', resource, 'dict');
}
