import { byFields, byValue, type MergeShape } from './merge-shape.ts';

/** A list of mappings told apart by their fields. */
function list(names: readonly string[], items?: MergeShape, defaults?: Readonly<Record<string, string>>): MergeShape {
  return { identity: byFields(names, defaults), ...(items !== undefined && { items }) };
}

const tcp = { protocol: 'TCP' };
const conditions = list(['type']);
const withConditions: MergeShape = { fields: { conditions } };

const metadata: MergeShape = {
  fields: { ownerReferences: list(['uid']), finalizers: { identity: byValue } },
};

const container: MergeShape = {
  fields: {
    env: list(['name']),
    ports: list(['containerPort', 'protocol'], undefined, tcp),
    volumeMounts: list(['mountPath']),
    volumeDevices: list(['devicePath']),
    resources: { fields: { claims: list(['name']) } },
  },
};

const podSpec: MergeShape = {
  fields: {
    containers: list(['name'], container),
    initContainers: list(['name'], container),
    ephemeralContainers: list(['name'], container),
    volumes: list(['name']),
    imagePullSecrets: list(['name']),
    hostAliases: list(['ip']),
    topologySpreadConstraints: list(['topologyKey', 'whenUnsatisfiable']),
    resourceClaims: list(['name']),
    schedulingGates: list(['name']),
  },
};

const podTemplate: MergeShape = { fields: { metadata, spec: podSpec } };

function object(spec: MergeShape | undefined, status: MergeShape = withConditions, more = {}): MergeShape {
  return { fields: { metadata, ...(spec !== undefined && { spec }), status, ...more } };
}

const workload = object({ fields: { template: podTemplate } });
const webhooks: MergeShape = {
  fields: { metadata, webhooks: list(['name'], { fields: { matchConditions: list(['name']) } }) },
};

/** Kubernetes' own types with lists that are merged element by element, by `group/Kind`; the same in all versions. */
const shapes: ReadonlyMap<string, MergeShape> = new Map([
  ['/Pod', object(podSpec)],
  ['/PodTemplate', { fields: { metadata, template: podTemplate } }],
  ['/ReplicationController', workload],
  ['apps/Deployment', workload],
  ['apps/StatefulSet', workload],
  ['apps/DaemonSet', workload],
  ['apps/ReplicaSet', workload],
  ['batch/Job', workload],
  ['batch/CronJob', object({ fields: { jobTemplate: { fields: { metadata, ...workload.fields } } } })],
  ['/Service', object({ fields: { ports: list(['port', 'protocol'], undefined, tcp) } })],
  ['/ServiceAccount', { fields: { metadata, secrets: list(['name']) } }],
  ['/Node', object(undefined, { fields: { conditions, addresses: list(['type']) } })],
  ['storage.k8s.io/CSINode', object({ fields: { drivers: list(['name']) } })],
  ['admissionregistration.k8s.io/MutatingWebhookConfiguration', webhooks],
  ['admissionregistration.k8s.io/ValidatingWebhookConfiguration', webhooks],
  [
    'admissionregistration.k8s.io/ValidatingAdmissionPolicy',
    object({ fields: { matchConditions: list(['name']), variables: list(['name']) } }),
  ],
]);

/** The shape of an object that nothing more is known of. */
export const plainObject = object(undefined);

/** The shape of one of Kubernetes' own types; undefined for others. */
export function builtInShape(group: string, kind: string): MergeShape | undefined {
  return shapes.get(`${group}/${kind}`);
}
