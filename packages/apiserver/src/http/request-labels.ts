import type { AnyResourceDefinition } from '../registry/resource.ts';
import type { Exchange } from './exchange.ts';
import type { RequestInfo, ResourceVerb } from './request-info.ts';

/** What a request was for, as Kubernetes labels its metrics. */
export type ResourceLabel = 'group' | 'version' | 'resource';
export type TargetLabel = 'verb' | ResourceLabel | 'subresource' | 'scope' | 'component';
export type ResourceLabels = Readonly<Record<ResourceLabel, string>>;
export type TargetLabels = Readonly<Record<TargetLabel, string>>;
export const resourceLabels: readonly ResourceLabel[] = ['group', 'version', 'resource'];
export const targetLabels: readonly TargetLabel[] = ['verb', ...resourceLabels, 'subresource', 'scope', 'component'];

/** Turns requests into labels. Whatever a client makes up ends in the same few series. */
export type RequestLabels = (exchange: Pick<Exchange, 'info' | 'method' | 'headers'>) => TargetLabels;

const verbNames: Readonly<Record<ResourceVerb | '', string>> = {
  get: 'GET',
  list: 'LIST',
  watch: 'WATCH',
  create: 'POST',
  update: 'PUT',
  patch: 'PATCH',
  delete: 'DELETE',
  deletecollection: 'DELETECOLLECTION',
  '': 'other',
};
const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);
const roots = new Set(['api', 'apis', 'openapi', 'version', 'healthz', 'livez', 'readyz', 'metrics', 'debug']);

function scopeOf(info: RequestInfo): string {
  if (info.type === 'path') return '';
  if (info.name !== '') return 'resource';
  return info.namespace === '' ? 'cluster' : 'namespace';
}

/** Labels for the requests of a server that serves these definitions. */
export function createRequestLabels(definitions: readonly AnyResourceDefinition[]): RequestLabels {
  const served = new Map(
    definitions.map(({ group, version, plural, subresources = [], actions = [] }) => [
      `${group}/${version}/${plural}`,
      new Set(['', ...[...subresources, ...actions].map(({ name }) => name)]),
    ]),
  );
  return ({ info, method, headers }) => {
    const nothing = { group: '', version: '', resource: '', subresource: '', component: 'apiserver' };
    const scope = scopeOf(info);
    if (info.type === 'path') {
      const root = info.path.split('/')[1] ?? '';
      const verb = methods.has(method) ? method : 'other';
      return { ...nothing, verb, scope, subresource: roots.has(root) ? `/${root}` : '' };
    }
    const { group, version, resource, subresource } = info;
    const applies = info.verb === 'patch' && headers['content-type']?.startsWith('application/apply-patch') === true;
    const verb = applies ? 'APPLY' : verbNames[info.verb];
    if (served.get(`${group}/${version}/${resource}`)?.has(subresource) !== true) return { ...nothing, verb, scope };
    return { ...nothing, verb, group, version, resource, subresource, scope };
  };
}
