import { type RequestContext, type Strategy, toTime } from '@porch/apiserver';
import { defaultTask, type PackageRevision } from '../../resources/package-revision.ts';
import type { RemoteUrlOptions } from '../../resources/remote-url.ts';
import { canonicalize } from './canonical-form.ts';
import { carryOver } from './carry-over.ts';
import { draftResolutionErrors } from './draft-resolution.ts';
import { identityErrors, trimPackageName } from './identity.ts';
import { newKptfileFieldErrors } from './kptfile-fields.ts';
import { newLatestLabelErrors } from './latest-label.ts';
import { newLifecycleErrors } from './lifecycle.ts';
import { RequestedNames } from './requested-name.ts';
import { newTaskErrors } from './task-rules.ts';
import { mainUpdateErrors } from './update-rules.ts';

/** What the strategy needs to know. */
export interface PackageRevisionStrategyOptions extends RemoteUrlOptions {
  readonly clock: () => Date;
}

function completeTasks({ spec }: PackageRevision): void {
  for (const { upgrade } of spec.tasks ?? []) if (upgrade !== undefined) upgrade.strategy ||= 'resource-merge';
}

function prepareNew(context: RequestContext, object: PackageRevision, options: PackageRevisionStrategyOptions): void {
  const { metadata, spec } = object;
  if (spec.revision !== undefined && spec.revision !== 0) {
    context.warn('spec.revision is not used: the server numbers a package revision when it is published');
  }
  delete spec.revision;
  if (spec.parent !== undefined) context.warn('spec.parent is deprecated: it is kept, and has no effect');
  spec.lifecycle ||= 'Draft';
  trimPackageName(object);
  if (spec.tasks === undefined || spec.tasks.length === 0) spec.tasks = [defaultTask(spec.packageName ?? '')];
  completeTasks(object);
  metadata.creationTimestamp = toTime(options.clock());
  object.status = { upstreamLock: {}, selfLock: {} };
}

/** The rules of package revisions on their main endpoint. */
export function packageRevisionStrategy(options: PackageRevisionStrategyOptions): Strategy<PackageRevision> {
  const names = new RequestedNames();
  return {
    prepareForCreate(context, object) {
      prepareNew(context, object, options);
      names.assign(object);
    },
    validate: (context, object) => [
      ...identityErrors(object),
      ...names.check(context, object),
      ...newLatestLabelErrors(object),
      ...newLifecycleErrors(object.spec.lifecycle ?? ''),
      ...newTaskErrors(object, options),
      ...newKptfileFieldErrors(object),
      ...draftResolutionErrors(object),
    ],
    prepareForUpdate: (_context, object, old) => {
      trimPackageName(object);
      completeTasks(object);
      carryOver(object, old);
    },
    validateUpdate: (_context, object, old) => mainUpdateErrors(object, old, options),
    canonicalize,
  };
}
