import { ApiException, KubeConfig, KubernetesObjectApi, PatchStrategy } from '@kubernetes/client-node';
import { configApiVersion, porchApiVersion } from '../resources/group.ts';
import type { PackageRevision } from '../resources/package-revision.ts';
import { ImportError } from './import-error.ts';
import { type ImportTarget, type PackageText, RefusedError } from './import-target.ts';

interface Header {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace: string };
}

interface Resources {
  readonly metadata: { readonly resourceVersion?: string };
  readonly spec?: { readonly resources?: PackageText };
}

const fieldManager = 'porch-import';

function header(kind: string, namespace: string, name: string, apiVersion = porchApiVersion): Header {
  return { apiVersion, kind, metadata: { name, namespace } };
}

/** What the server says in its Status, which comes as text. */
function messageOf(body: unknown): string {
  if (typeof body !== 'string') return messageIn(body) ?? 'without a message';
  try {
    return messageIn(JSON.parse(body)) ?? body;
  } catch (error) {
    if (error instanceof SyntaxError) return body;
    throw error;
  }
}

function messageIn(status: unknown): string | undefined {
  if (typeof status !== 'object' || status === null || !('message' in status)) return undefined;
  return String(status.message);
}

function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}

async function asked<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof ApiException) {
      throw new RefusedError(error.code, messageOf(error.body), { cause: error });
    }
    throw new RefusedError(0, reason(error), { cause: error });
  }
}

async function ifThere<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await asked(work);
  } catch (error) {
    if (error instanceof RefusedError && error.code === 404) return undefined;
    throw error;
  }
}

/**
 * The server that a kubeconfig names: one that stands alone, or the kube-apiserver before one.
 * @throws ImportError when the file cannot be used
 */
export function openClusterTarget(kubeconfig: string, context?: string): ImportTarget {
  const config = new KubeConfig();
  try {
    config.loadFromFile(kubeconfig);
    if (context !== undefined) config.setCurrentContext(context);
  } catch (error) {
    throw new ImportError(`kubeconfig ${kubeconfig} cannot be used: ${reason(error)}`, { cause: error });
  }
  if (config.getCurrentCluster() === null) {
    throw new ImportError(
      config.currentContext
        ? `kubeconfig ${kubeconfig} has no cluster for context ${JSON.stringify(config.currentContext)}`
        : `kubeconfig ${kubeconfig} has no current context; choose one with --context, or another file with --kubeconfig`,
    );
  }
  const api = KubernetesObjectApi.makeApiClient(config);
  const readResources = (namespace: string, name: string) =>
    asked(api.read(header('PackageRevisionResources', namespace, name)) as Promise<Resources>);
  return {
    async revisions(namespace) {
      const list = await asked(api.list(porchApiVersion, 'PackageRevision', namespace));
      return list.items as unknown as readonly PackageRevision[];
    },
    async revision(namespace, name) {
      const found = await ifThere(api.read(header('PackageRevision', namespace, name)));
      return found as unknown as PackageRevision | undefined;
    },
    async create({ namespace, name, annotations, spec }) {
      const { metadata, ...kind } = header('PackageRevision', namespace, name);
      const object = { ...kind, metadata: { ...metadata, annotations }, spec };
      await asked(api.create(object, undefined, undefined, fieldManager));
    },
    async patch(namespace, name, patch) {
      const object = { ...header('PackageRevision', namespace, name), ...patch };
      const metadata = { ...('metadata' in patch && patch.metadata !== null ? patch.metadata : {}), name, namespace };
      const merge = PatchStrategy.MergePatch;
      await asked(api.patch({ ...object, metadata }, undefined, undefined, fieldManager, undefined, merge));
    },
    async delete(namespace, name) {
      await asked(api.delete(header('PackageRevision', namespace, name)));
    },
    files: async (namespace, name) => (await readResources(namespace, name)).spec?.resources ?? {},
    async replaceFiles(namespace, name, files) {
      const current = await readResources(namespace, name);
      const replaced = { ...current, spec: { ...current.spec, resources: files } };
      await asked(api.replace(replaced as unknown as Header, undefined, undefined, fieldManager));
    },
    async ownerUid(namespace, { apiVersion, kind, name }) {
      try {
        const found = await ifThere(api.read(header(kind, namespace, name, apiVersion)));
        return found?.metadata?.uid;
      } catch (error) {
        // The client finds resources by discovery; of a kind that is not served it says so without asking for the object.
        if (
          error instanceof RefusedError &&
          error.code === 0 &&
          /Unrecognized API version and kind/.test(error.message)
        ) {
          return undefined;
        }
        throw error;
      }
    },
    async hasRepository(namespace, name) {
      return (await ifThere(api.read(header('Repository', namespace, name, configApiVersion)))) !== undefined;
    },
  };
}
