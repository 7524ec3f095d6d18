import Type from 'typebox';
import { type FieldError, fieldError } from '../meta/field-error.ts';
import type { KubernetesObject } from '../meta/object.ts';
import { ageCell, type Strategy } from '../registry/resource.ts';
import { fields } from '../schema/fields.ts';
import { ageColumn, column, nameColumn } from './columns.ts';
import type { ResourceKind } from './resource-kind.ts';

/** Who leads, and until when. Group coordination.k8s.io. */
export interface Lease extends KubernetesObject {
  spec?: {
    holderIdentity?: string;
    leaseDurationSeconds?: number;
    acquireTime?: string;
    renewTime?: string;
    leaseTransitions?: number;
    strategy?: string;
    preferredHolder?: string;
  };
}

const schema = Type.Object({
  spec: Type.Optional(
    Type.Object(
      {
        holderIdentity: fields.text('Who holds the lease.'),
        leaseDurationSeconds: fields.integer('How long others wait after renewTime before they take the lease.'),
        acquireTime: fields.microTime('When the holder got the lease.'),
        renewTime: fields.microTime('When the holder last said that it is alive.'),
        leaseTransitions: fields.integer('How often the lease has changed hands.'),
        strategy: fields.text('How the next holder is chosen by a coordinator.'),
        preferredHolder: fields.text('Who the holder should hand the lease to.'),
      },
      { description: 'Who holds the lease.' },
    ),
  ),
});

function errors({ spec = {} }: Lease): FieldError[] {
  const found: FieldError[] = [];
  const { leaseDurationSeconds, leaseTransitions } = spec;
  if (leaseDurationSeconds !== undefined && leaseDurationSeconds <= 0) {
    found.push(fieldError.invalid('spec.leaseDurationSeconds', leaseDurationSeconds, 'must be greater than 0'));
  }
  if (leaseTransitions !== undefined && leaseTransitions < 0) {
    found.push(fieldError.invalid('spec.leaseTransitions', leaseTransitions, 'must be greater than or equal to 0'));
  }
  return found;
}

const strategy: Strategy<Lease> = {
  validate: (_context, object) => errors(object),
  validateUpdate: (_context, object) => errors(object),
  allowCreateOnUpdate: true,
};

/** `leases` of the group coordination.k8s.io. */
export const leaseKind: ResourceKind<Lease> = {
  group: 'coordination.k8s.io',
  version: 'v1',
  plural: 'leases',
  singular: 'lease',
  kind: 'Lease',
  listKind: 'LeaseList',
  namespaced: true,
  description: 'Who leads, and until when: programs of which only one may act agree on one with it.',
  schema,
  strategy,
  table: {
    columns: [nameColumn, column('Holder', 'string', 'Who holds the lease.'), ageColumn],
    cells: ({ metadata, spec }) => [metadata.name ?? '', spec?.holderIdentity ?? '', ageCell],
  },
  strategicMergePatch: true,
};
