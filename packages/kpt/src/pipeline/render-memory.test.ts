import { expect, it } from 'vitest';
import { RenderMemory } from './render-memory.ts';
import { runJob } from './run-job.ts';

const widget = 'apiVersion: example.com/v1\nkind: Widget\nmetadata:\n  name: w\n';

it.each(['json', 'schema'])(
  'what functions make of a file s/widget.%s is known until that is another',
  async (extension) => {
    const kptfile = `apiVersion: kpt.dev/v1
kind: Kptfile
metadata:
  name: a
pipeline:
  validators:
  - image: kubeconform
    selectors: [{kind: Widget}]
    configMap: {schema_location: 's/{{.ResourceKind}}.${extension}'}
`;
    const renders = new RenderMemory(1 << 20);
    const render = async (schema: string) => {
      const files = new Map([
        ['Kptfile', kptfile],
        ['widget.yaml', widget],
        [`s/widget.${extension}`, schema],
      ]);
      const job = { files, steps: [{ type: 'render' }], render: { defaultImagePrefix: 'example.io/' } } as const;
      return (await runJob(job, { renders })).render;
    };
    expect((await render('{"required": ["spec"]}'))?.error).toContain("missing property 'spec'");
    expect(await render('{"required": ["kind"]}')).not.toHaveProperty('error');
  },
);
