import { isMap, isScalar, isSeq, type Node, type YAMLMap } from 'yaml';
import type { KrmObject } from '../yaml/krm-object.ts';
import { findPair, nodeAt, scalarText } from '../yaml/node-edits.ts';
import { byFields, type ElementIdentity, type MergeShape } from './merge-shape.ts';

const functionLists = ['mutators', 'validators'] as const;

/**
 * How Kptfiles are merged. Functions are told apart by name or, where no function of any of the Kptfiles has one and none is
 * used twice, by what they run: the image without its tag, or the executable.
 */
export function kptfileMergeShape(kptfiles: readonly KrmObject[]): MergeShape {
  const lists = kptfiles.flatMap((kptfile) => functionLists.map((list) => functionsOf(kptfile, list)));
  const identity = lists.every(runsDistinctUnnamed) ? byProgram : byFields(['name']);
  const functions = { identity };
  return {
    fields: {
      info: { fields: { readinessGates: { identity: byFields(['conditionType']) } } },
      pipeline: { fields: { mutators: functions, validators: functions } },
      status: { fields: { conditions: { identity: byFields(['type']) } } },
    },
  };
}

function functionsOf(kptfile: KrmObject, list: (typeof functionLists)[number]): readonly unknown[] {
  const node: Node | undefined = nodeAt(kptfile.document, ['pipeline', list]);
  return isSeq(node) ? node.items : [];
}

function runsDistinctUnnamed(functions: readonly unknown[]): boolean {
  const programs = functions.map((item) => (isMap(item) && textOf(item, 'name') === '' ? byProgram(item) : undefined));
  return programs.every((program) => program !== undefined) && new Set(programs).size === programs.length;
}

const byProgram: ElementIdentity = (item) => {
  if (!isMap(item)) return undefined;
  const exec = textOf(item, 'exec');
  if (exec !== '') return `exec ${exec}`;
  const image = textOf(item, 'image');
  return image === '' ? undefined : `image ${(image.split('@', 1)[0] ?? '').replace(/:[^/:]*$/, '')}`;
};

function textOf(map: YAMLMap, key: string): string {
  const value = findPair(map, key)?.value;
  return isScalar(value) ? scalarText(value) : '';
}
