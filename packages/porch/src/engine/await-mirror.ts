import type { RequestContext } from '@porch/apiserver';
import type { EngineParts } from './parts.ts';

/** With `--push-drafts=sync` the answer waits for Git; what could not be pushed is a warning, for the write itself is done. */
export async function awaitMirror(parts: EngineParts, context: RequestContext, name: string): Promise<void> {
  if (parts.pushDrafts !== 'sync') return;
  try {
    await parts.queue.mirrored(context.namespace, name, context.signal);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    context.warn(`the change is stored but not in Git yet: ${why}`);
  }
}
