import { type FieldError, fieldError, generateName, type ObjectMeta } from '@porch/apiserver';
import { CronScheduleError, parseCronSchedule } from '../../resources/cron-schedule.ts';
import type { RemoteUrlOptions } from '../../resources/remote-url.ts';
import type { Repository, RepositorySpec } from '../../resources/repository.ts';
import { gitErrors, secretRefErrors } from './git-rules.ts';

const types = ['git', 'oci'] as const;
const rfc3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/i;

/** What is wrong with the name of a Repository; package revisions are named after it. */
export function repositoryNameErrors(name: string): FieldError[] {
  const field = 'metadata.name';
  const errors: FieldError[] = [];
  if (!/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(name)) {
    errors.push(fieldError.invalid(field, name, 'metadata.name must conform to the RFC1123 DNS label standard'));
  }
  if (name.length > 63) {
    errors.push(fieldError.invalid(field, name, 'metadata.name must be no more than 63 characters'));
  }
  return errors;
}

/** What is wrong with the name of a new Repository, or with the prefix that the server is to make one of. */
export function newNameErrors({ name = '', generateName: prefix = '' }: ObjectMeta): FieldError[] {
  if (name !== '') return repositoryNameErrors(name);
  if (prefix === '' || repositoryNameErrors(generateName(prefix)).length === 0) return [];
  const detail = 'the names that are made of it must conform to the RFC1123 DNS label standard';
  return [fieldError.invalid('metadata.generateName', prefix, detail)];
}

function kindErrors(spec: RepositorySpec, options: RemoteUrlOptions): FieldError[] {
  const type = types.find((known) => known === spec.type);
  if ((spec.type ?? '') === '') return [fieldError.required('spec.type', 'set type: git')];
  if (type === undefined) return [fieldError.notSupported('spec.type', spec.type, types)];
  const other = type === 'git' ? 'oci' : 'git';
  const stray =
    spec[other] === undefined ? [] : [fieldError.forbidden(`spec.${other}`, `must not be set for type ${type}`)];
  if (type === 'git') {
    return spec.git === undefined
      ? [...stray, fieldError.required('spec.git', 'say where the Git repository is: spec.git.repo')]
      : [...stray, ...gitErrors(spec.git, options)];
  }
  if (spec.oci === undefined) return [...stray, fieldError.required('spec.oci', 'say where the registry is')];
  const registry = spec.oci.registry === '' ? [fieldError.required('spec.oci.registry', 'name the registry')] : [];
  return [...stray, ...registry, ...secretRefErrors('spec.oci.secretRef', spec.oci.secretRef)];
}

function scheduleErrors(schedule: string): FieldError[] {
  if (schedule === '') return [];
  try {
    parseCronSchedule(schedule);
    return [];
  } catch (error) {
    if (!(error instanceof CronScheduleError)) throw error;
    return [fieldError.invalid('spec.sync.schedule', schedule, error.message)];
  }
}

function syncErrors(sync: NonNullable<RepositorySpec['sync']>): FieldError[] {
  const { schedule = '', runOnceAt } = sync;
  const time =
    runOnceAt === undefined || (rfc3339.test(runOnceAt) && !Number.isNaN(Date.parse(runOnceAt)))
      ? []
      : [fieldError.invalid('spec.sync.runOnceAt', runOnceAt, 'must be a time such as 2026-01-02T03:04:05Z')];
  return [...scheduleErrors(schedule), ...time];
}

/** What is wrong with the spec of a Repository. */
export function specErrors(object: Repository, options: RemoteUrlOptions): FieldError[] {
  const { spec } = object;
  const content = spec.content ?? '';
  return [
    ...kindErrors(spec, options),
    ...(content === '' || content === 'Package' ? [] : [fieldError.notSupported('spec.content', content, ['Package'])]),
    ...(spec.sync === undefined ? [] : syncErrors(spec.sync)),
  ];
}
