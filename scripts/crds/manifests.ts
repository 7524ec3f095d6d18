import { stringify } from 'yaml';
import { customResourceDefinition } from './custom-resource.ts';
import { functionConfigResource } from './function-config.ts';
import { packageRevResource } from './package-rev.ts';
import { repositoryResource } from './repository.ts';

const resources = [repositoryResource, functionConfigResource, packageRevResource];

const notice =
  '# Made from the schemas in packages/porch/src/resources by `npm run crds`; a test tells when it is out of date.\n';

/** The manifests of all CustomResourceDefinitions, by the names of their files. */
export function manifests(): ReadonlyMap<string, string> {
  return new Map(
    resources.map((resource) => [
      `${resource.group}_${resource.plural}.yaml`,
      notice + stringify(customResourceDefinition(resource), { lineWidth: 0, aliasDuplicateObjects: false }),
    ]),
  );
}
