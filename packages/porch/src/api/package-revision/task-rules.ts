import { dns1123SubdomainErrors, type FieldError, fieldError } from '@porch/apiserver';
import type { PackageRevision, Task } from '../../resources/package-revision.ts';
import { type RemoteUrlOptions, redactedUrl, remoteUrlErrors } from '../../resources/remote-url.ts';
import { semanticEqual } from '../semantic-equal.ts';

const taskTypes = ['init', 'clone', 'edit', 'upgrade'] as const;
const strategies = ['resource-merge', 'fast-forward', 'force-delete-replace', 'copy-merge'];

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
  if (upgrade.strategy !== undefined && upgrade.strategy !== '' && !strategies.includes(upgrade.strategy)) {
    errors.push(fieldError.notSupported(`${field}.strategy`, upgrade.strategy, strategies));
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
  return tasks.flatMap((task, index) => taskErrors(`spec.tasks[${index}]`, task, options));
}

/** Refuses any change of the tasks: they say how the package revision came to be. */
export function changedTaskErrors(object: PackageRevision, old: PackageRevision): FieldError[] {
  const now = object.spec.tasks ?? [];
  const before = old.spec.tasks ?? [];
  if (semanticEqual(now, before)) return [];
  let what = 'the task that created a package revision cannot be changed';
  if (now.length > before.length) what = 'tasks cannot be added to a package revision';
  if (now.length < before.length) what = 'the task that created a package revision cannot be removed';
  return [fieldError.forbidden('spec.tasks', what)];
}

/** The task of a package revision that was created without one: an empty package. */
export function defaultTask(object: PackageRevision): Task {
  return { type: 'init', init: { description: `${object.spec.packageName ?? ''} description` } };
}

/** The Secret that a new package revision's task reads, with the field that names it. */
export function taskSecret(object: PackageRevision): { readonly field: string; readonly name: string } | undefined {
  const name = object.spec.tasks?.[0]?.clone?.upstreamRef?.git?.secretRef?.name;
  return name === undefined || name === ''
    ? undefined
    : { field: 'spec.tasks[0].clone.upstreamRef.git.secretRef', name };
}
