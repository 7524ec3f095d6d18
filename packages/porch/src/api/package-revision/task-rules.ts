import { dns1123SubdomainErrors, type FieldError, fieldError } from '@porch/apiserver';
import { upgradeStrategies } from '@porch/kpt';
import type { PackageRevision, Task } from '../../resources/package-revision.ts';
import { type RemoteUrlOptions, redactedUrl, remoteUrlErrors } from '../../resources/remote-url.ts';
import { addedSubpackageTask, subpackageDirectoryErrors } from '../../resources/subpackage-task.ts';
import { semanticEqual } from '../semantic-equal.ts';

const taskTypes = ['init', 'clone', 'edit', 'upgrade'] as const;

function nameErrors(field: string, name: string | undefined, what: string): FieldError[] {
  if (name === undefined || name === '') return [fieldError.required(field, `name ${what}`)];
  return dns1123SubdomainErrors(name).map((detail) => fieldError.invalid(field, name, detail));
}

function initErrors(field: string, init: NonNullable<Task['init']>): FieldError[] {
  if ((init.subpackage ?? '') === '') return [];
  return [
    fieldError.invalid(
      `${field}.subpackage`,
      init.subpackage,
      'subpackages cannot be created by a task; add its files to a draft',
    ),
  ];
}

function gitErrors(
  field: string,
  git: NonNullable<NonNullable<NonNullable<Task['clone']>['upstreamRef']>['git']>,
  options: RemoteUrlOptions,
): FieldError[] {
  const errors: FieldError[] = [];
  if (git.repo === '') errors.push(fieldError.required(`${field}.repo`, 'give the URL of the Git repository'));
  else {
    for (const detail of remoteUrlErrors(git.repo, options)) {
      errors.push(fieldError.invalid(`${field}.repo`, redactedUrl(git.repo), detail));
    }
  }
  if (git.directory.split('/').includes('..')) {
    errors.push(fieldError.invalid(`${field}.directory`, git.directory, "must not contain '..'"));
  }
  // Clients written in Go always send the field, with an empty name for "no secret".
  const secret = git.secretRef?.name ?? '';
  if (secret !== '') errors.push(...nameErrors(`${field}.secretRef.name`, secret, 'a Secret'));
  return errors;
}

function cloneErrors(field: string, clone: NonNullable<Task['clone']>, options: RemoteUrlOptions): FieldError[] {
  const source = clone.upstreamRef;
  const at = `${field}.upstreamRef`;
  if (source?.upstreamRef === undefined && source?.git === undefined && source?.oci === undefined) {
    return [fieldError.required(at, 'say what to clone: upstreamRef.name for a package revision, or git')];
  }
  if (source.oci !== undefined) {
    return [
      fieldError.invalid(
        `${at}.oci`,
        source.oci.image,
        'packages in OCI images are not supported; use git or upstreamRef',
      ),
    ];
  }
  if (source.upstreamRef !== undefined && source.git !== undefined) {
    return [fieldError.forbidden(`${at}.git`, 'only one of git and upstreamRef may be set')];
  }
  if (source.upstreamRef !== undefined) {
    return nameErrors(`${at}.upstreamRef.name`, source.upstreamRef.name, 'the package revision to clone');
  }
  return source.git === undefined ? [] : gitErrors(`${at}.git`, source.git, options);
}

function upgradeErrors(field: string, upgrade: NonNullable<Task['upgrade']>): FieldError[] {
  const errors = [
    ...nameErrors(
      `${field}.oldUpstreamRef.name`,
      upgrade.oldUpstreamRef?.name,
      'the upstream revision the package came from',
    ),
    ...nameErrors(`${field}.newUpstreamRef.name`, upgrade.newUpstreamRef?.name, 'the upstream revision to move to'),
    ...nameErrors(
      `${field}.localPackageRevisionRef.name`,
      upgrade.localPackageRevisionRef?.name,
      'the revision to upgrade',
    ),
  ];
  const { strategy = '' } = upgrade;
  if (strategy !== '' && !upgradeStrategies.some((known) => known === strategy)) {
    errors.push(fieldError.notSupported(`${field}.strategy`, strategy, upgradeStrategies));
  }
  return errors;
}

function taskErrors(field: string, task: Task, options: RemoteUrlOptions): FieldError[] {
  const type = taskTypes.find((known) => known === task.type);
  if (type === undefined) return [fieldError.notSupported(`${field}.type`, task.type, taskTypes)];
  const stray = taskTypes.filter((other) => other !== type && task[other] !== undefined);
  const errors = stray.map((other) =>
    fieldError.forbidden(
      `${field}.${other}`,
      `a task of type ${JSON.stringify(type)} has no section ${JSON.stringify(other)}`,
    ),
  );
  const at = `${field}.${type}`;
  if (task[type] === undefined) {
    return [...errors, fieldError.required(at, `a task of type ${JSON.stringify(type)} needs this section`)];
  }
  if (task.type === 'init' && task.init !== undefined) errors.push(...initErrors(at, task.init));
  if (task.type === 'clone' && task.clone !== undefined) errors.push(...cloneErrors(at, task.clone, options));
  if (task.type === 'edit' && task.edit !== undefined) {
    errors.push(...nameErrors(`${at}.sourceRef.name`, task.edit.sourceRef?.name, 'the published revision to copy'));
  }
  if (task.type === 'upgrade' && task.upgrade !== undefined) errors.push(...upgradeErrors(at, task.upgrade));
  return errors;
}

/** What is wrong with the tasks of a new package revision. */
export function newTaskErrors(object: PackageRevision, options: RemoteUrlOptions): FieldError[] {
  const tasks = object.spec.tasks ?? [];
  if (tasks.length > 1) {
    return [{ type: 'FieldValueTooMany', field: 'spec.tasks', detail: 'maximum one task allowed' }];
  }
  const subpackage = addedSubpackageTask(object, 0);
  if (subpackage !== undefined) {
    const what =
      'a package revision is created by a task for all of it; add tasks for subpackages to its draft afterwards';
    return [fieldError.forbidden(subpackage.directoryField, what)];
  }
  return tasks.flatMap((task, index) => taskErrors(`spec.tasks[${index}]`, task, options));
}

/** Refuses changes of the tasks, which say how the package revision came to be; a task for a subpackage may be added to a draft. */
export function changedTaskErrors(
  object: PackageRevision,
  old: PackageRevision,
  options: RemoteUrlOptions,
): FieldError[] {
  const now = object.spec.tasks ?? [];
  const before = old.spec.tasks ?? [];
  if (semanticEqual(now, before)) return [];
  if (now.length < before.length) {
    return [fieldError.forbidden('spec.tasks', 'the task that created a package revision cannot be removed')];
  }
  if (!semanticEqual(now.slice(0, before.length), before)) {
    return [fieldError.forbidden('spec.tasks', 'the task that created a package revision cannot be changed')];
  }
  const what =
    'tasks cannot be added to a package revision, but for one that clones or upgrades a subpackage of a draft, with its subpackageDir';
  return now.length === before.length + 1
    ? (addedTaskErrors(object, old, options) ?? [fieldError.forbidden('spec.tasks', what)])
    : [fieldError.forbidden('spec.tasks', what)];
}

/** What is wrong with a task that is added; undefined for one that is not about a subpackage. */
function addedTaskErrors(
  object: PackageRevision,
  old: PackageRevision,
  options: RemoteUrlOptions,
): FieldError[] | undefined {
  const added = addedSubpackageTask(object, old.spec.tasks?.length ?? 0);
  if (added === undefined) return undefined;
  const { task, field, directory, directoryField } = added;
  const lifecycle = old.spec.lifecycle ?? 'Draft';
  if (lifecycle !== 'Draft') {
    return [
      fieldError.forbidden(field, `only the subpackages of a Draft can be changed; its lifecycle is ${lifecycle}`),
    ];
  }
  const errors = taskErrors(field, task, options);
  for (const detail of subpackageDirectoryErrors(directory)) {
    errors.push(fieldError.invalid(directoryField, directory, detail));
  }
  const local = task.upgrade?.localPackageRevisionRef?.name;
  const { name } = old.metadata;
  if (task.type === 'upgrade' && local !== undefined && local !== '' && local !== name) {
    const detail = `must be "${name}", the draft whose subpackage is upgraded`;
    errors.push(fieldError.invalid(`${field}.upgrade.localPackageRevisionRef.name`, local, detail));
  }
  return errors;
}

/** The Secret that the task behind the `tasks` of before reads, with the field that names it. */
export function taskSecret(
  object: PackageRevision,
  tasks = 0,
): { readonly field: string; readonly name: string } | undefined {
  const name = object.spec.tasks?.[tasks]?.clone?.upstreamRef?.git?.secretRef?.name;
  return name === undefined || name === ''
    ? undefined
    : { field: `spec.tasks[${tasks}].clone.upstreamRef.git.secretRef`, name };
}
