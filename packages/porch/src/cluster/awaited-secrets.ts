import { caBundleName } from '../cache/git-repositories.ts';
import type { Registrations } from '../cache/registrations.ts';

/** The Secrets of Repositories that are not Ready: what is wrong may be in them. */
export function awaitedSecrets(
  registrations: Pick<Registrations, 'list'>,
): readonly { readonly namespace: string; readonly name: string }[] {
  const found = new Map<string, { readonly namespace: string; readonly name: string }>();
  for (const { metadata, spec, status } of registrations.list()) {
    const { namespace = '' } = metadata;
    if (status?.conditions?.find(({ type }) => type === 'Ready')?.status !== 'False') continue;
    for (const name of [spec.git?.secretRef?.name ?? '', caBundleName(namespace)]) {
      if (name !== '') found.set(`${namespace}/${name}`, { namespace, name });
    }
  }
  return [...found.values()];
}
