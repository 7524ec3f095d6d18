import { podSpecPaths } from '../container-fields.ts';
import type { FieldSpec } from '../field-spec.ts';
import type { GroupVersionKind } from '../group-version-kind.ts';

/** Fields that name an object of one kind. */
export interface NameReference {
  /** The kind that is named. */
  readonly target: GroupVersionKind;
  /** Where: a name, a list of names, or a mapping (or list of them) with `name` and perhaps `namespace` and `kind`. */
  readonly fields: readonly FieldSpec[];
}

const admission = 'admissionregistration.k8s.io';
const rbac = 'rbac.authorization.k8s.io';
const containers = ['containers', 'initContainers'];

function at(path: string, kind: string, group = ''): FieldSpec {
  return { path, kind, group, create: false };
}

/** A field of pod specifications, wherever those are. */
function inPods(...paths: readonly string[]): FieldSpec[] {
  return Object.entries(podSpecPaths).flatMap(([kind, root]) => paths.map((path) => at(`${root}/${path}`, kind)));
}

/** What pods take from ConfigMaps and Secrets, which differ only in the words. */
function configurationOf(volume: string, env: string, envFrom: string, projected: string): FieldSpec[] {
  return inPods(
    `volumes/${volume}`,
    `volumes/projected/sources/${projected}/name`,
    ...containers.flatMap((list) => [`${list}/env/valueFrom/${env}/name`, `${list}/envFrom/${envFrom}/name`]),
  );
}

const resourceNames = [at('rules/resourceNames', 'Role'), at('rules/resourceNames', 'ClusterRole')];

/** The references that Kubernetes' own kinds have among each other. */
export const nameReferences: readonly NameReference[] = [
  ...['Deployment', 'ReplicationController', 'ReplicaSet', 'StatefulSet'].map((kind) => {
    return { target: { kind }, fields: [at('spec/scaleTargetRef', 'HorizontalPodAutoscaler')] };
  }),
  {
    target: { kind: 'ConfigMap', version: 'v1' },
    fields: [
      ...configurationOf('configMap/name', 'configMapKeyRef', 'configMapRef', 'configMap'),
      ...resourceNames,
      at('spec/configSource/configMap', 'Node'),
      at('metadata/annotations/nginx.ingress.kubernetes.io\\/fastcgi-params-configmap', 'Ingress'),
    ],
  },
  {
    target: { kind: 'Secret', version: 'v1' },
    fields: [
      ...configurationOf('secret/secretName', 'secretKeyRef', 'secretRef', 'secret'),
      ...inPods('imagePullSecrets/name'),
      ...resourceNames,
      at('imagePullSecrets/name', 'ServiceAccount'),
      at('spec/tls/secretName', 'Ingress'),
      at('metadata/annotations/ingress.kubernetes.io\\/auth-secret', 'Ingress'),
      at('metadata/annotations/nginx.ingress.kubernetes.io\\/auth-secret', 'Ingress'),
      at('metadata/annotations/nginx.ingress.kubernetes.io\\/auth-tls-secret', 'Ingress'),
      ...['secretName', 'adminSecretName', 'userSecretName', 'secretRef'].map((key) =>
        at(`parameters/${key}`, 'StorageClass'),
      ),
      at('spec/template/spec/containers/env/valueFrom/secretKeyRef/name', 'Service', 'serving.knative.dev'),
      at('spec/azureFile/secretName', 'PersistentVolume'),
    ],
  },
  {
    target: { kind: 'Service', version: 'v1' },
    fields: [
      at('spec/serviceName', 'StatefulSet', 'apps'),
      at('spec/rules/http/paths/backend/serviceName', 'Ingress'),
      at('spec/backend/serviceName', 'Ingress'),
      at('spec/rules/http/paths/backend/service/name', 'Ingress'),
      at('spec/defaultBackend/service/name', 'Ingress'),
      at('spec/service', 'APIService', 'apiregistration.k8s.io'),
      at('webhooks/clientConfig/service', 'ValidatingWebhookConfiguration', admission),
      at('webhooks/clientConfig/service', 'MutatingWebhookConfiguration', admission),
    ],
  },
  { target: { kind: 'Role', group: rbac }, fields: [at('roleRef', 'RoleBinding', rbac)] },
  {
    target: { kind: 'ClusterRole', group: rbac },
    fields: [at('roleRef', 'RoleBinding', rbac), at('roleRef', 'ClusterRoleBinding', rbac)],
  },
  {
    target: { kind: 'ServiceAccount', version: 'v1' },
    fields: [
      at('subjects', 'RoleBinding', rbac),
      at('subjects', 'ClusterRoleBinding', rbac),
      ...inPods('serviceAccountName'),
    ],
  },
  {
    target: { kind: 'PersistentVolumeClaim', version: 'v1' },
    fields: inPods('volumes/persistentVolumeClaim/claimName'),
  },
  {
    target: { kind: 'PersistentVolume', version: 'v1' },
    fields: [at('spec/volumeName', 'PersistentVolumeClaim'), at('rules/resourceNames', 'ClusterRole')],
  },
  {
    target: { kind: 'StorageClass', group: 'storage.k8s.io' },
    fields: [
      at('spec/storageClassName', 'PersistentVolume'),
      at('spec/storageClassName', 'PersistentVolumeClaim'),
      at('spec/volumeClaimTemplates/spec/storageClassName', 'StatefulSet'),
    ],
  },
  { target: { kind: 'PriorityClass', group: 'scheduling.k8s.io' }, fields: inPods('priorityClassName') },
  { target: { kind: 'IngressClass', group: 'networking.k8s.io' }, fields: [at('spec/ingressClassName', 'Ingress')] },
  {
    target: { kind: 'ValidatingAdmissionPolicy', group: admission },
    fields: [at('spec/policyName', 'ValidatingAdmissionPolicyBinding', admission)],
  },
];
