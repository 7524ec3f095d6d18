import type { Shape } from './decode.ts';

const texts = { textMap: true } as const;

const selector: Shape = {
  fields: { apiVersion: 'text', kind: 'text', name: 'text', namespace: 'text', labels: texts, annotations: texts },
};

const pipelineFunction: Shape = {
  fields: {
    image: 'text',
    exec: 'text',
    tag: 'text',
    name: 'text',
    configPath: 'text',
    configMap: texts,
    selectors: { list: selector },
    exclude: { list: selector },
  },
};

const condition: Shape = { fields: { type: 'text', status: 'text', reason: 'text', message: 'text' } };

/** All fields of a Kptfile of `kpt.dev/v1`; the top ones in the order in which kpt writes them. */
export const kptfileShape = {
  fields: {
    apiVersion: 'text',
    kind: 'text',
    metadata: { fields: { name: 'text', namespace: 'text', labels: texts, annotations: texts } },
    upstream: {
      fields: {
        type: 'text',
        git: { fields: { repo: 'text', directory: 'text', ref: 'text' } },
        updateStrategy: 'text',
      },
    },
    upstreamLock: {
      fields: {
        type: 'text',
        git: { fields: { repo: 'text', directory: 'text', ref: 'text', commit: 'text' } },
        generic: { fields: { storeID: 'text', resourceID: 'text', resourceVersion: 'text' } },
      },
    },
    info: {
      fields: {
        site: 'text',
        emails: { list: 'text' },
        license: 'text',
        licenseFile: 'text',
        description: 'text',
        keywords: { list: 'text' },
        man: 'text',
        readinessGates: { list: { fields: { conditionType: 'text' } } },
      },
    },
    pipeline: { fields: { mutators: { list: pipelineFunction }, validators: { list: pipelineFunction } } },
    inventory: {
      fields: { namespace: 'text', name: 'text', inventoryID: 'text', labels: texts, annotations: texts },
    },
    status: { fields: { conditions: { list: condition }, renderStatus: 'any' } },
  },
} as const satisfies Shape;
