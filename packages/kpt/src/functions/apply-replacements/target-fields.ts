import { RE2JS } from 're2js';
import { isMap, isScalar, isSeq, type Node, Scalar, YAMLMap, YAMLSeq } from 'yaml';
import type { KrmObject } from '../../yaml/krm-object.ts';
import { findPair, resolveAlias, scalarText } from '../../yaml/node-edits.ts';
import { type PathStep, parseFieldPath } from './field-path.ts';

/** A field found by a path, which can be replaced. */
export interface TargetField {
  readonly node: Node;
  /** Whether it was made for this replacement. */
  readonly created: boolean;
  readonly replace: (node: Node) => void;
}

/**
 * All fields of an object that a path means. With `create`, mappings, list elements and the field itself are made where
 * they are missing.
 *
 * @throws Error where the path runs into something of another type, or beyond a list's end
 */
export function targetFields(object: KrmObject, path: string, create: boolean): readonly TargetField[] {
  const { document } = object;
  const root = document.contents;
  if (root === null) return [];
  const finder = new Finder(object, path, create);
  const top: TargetField = {
    node: root,
    created: false,
    replace: (node) => Object.assign(document, { contents: node }),
  };
  return finder.find(top, parseFieldPath(path));
}

class Finder {
  readonly #object: KrmObject;
  readonly #path: string;
  readonly #create: boolean;

  constructor(object: KrmObject, path: string, create: boolean) {
    this.#object = object;
    this.#path = path;
    this.#create = create;
  }

  find(field: TargetField, steps: readonly PathStep[]): readonly TargetField[] {
    const [step, ...rest] = steps;
    if (step === undefined) return [field];
    return this.#follow(this.#container(field, step), step, rest[0]).flatMap((next) => this.find(next, rest));
  }

  /** The field as something the step can be taken from; a null becomes that when fields are made. */
  #container(field: TargetField, step: PathStep): TargetField {
    const node = resolveAlias(this.#object.document, field.node) ?? field.node;
    if (this.#create && isScalar(node) && node.value === null) {
      const made = emptyFor(step);
      field.replace(made);
      return { ...field, node: made, created: true };
    }
    return { ...field, node };
  }

  #follow({ node }: TargetField, step: PathStep, next: PathStep | undefined): readonly TargetField[] {
    if (step.type === 'key') {
      if (isMap(node)) return this.#key(node, step.key, next);
      if (isSeq(node) && /^[0-9]+$/.test(step.key)) return this.#element(node, Number(step.key), next);
      if (isScalar(node) && node.value === null) return [];
      throw this.#mismatch(isSeq(node) ? 'a list' : 'a scalar', `key ${JSON.stringify(step.key)}`);
    }
    if (!isSeq(node)) {
      if (isScalar(node) && node.value === null) return [];
      throw this.#mismatch(isMap(node) ? 'a mapping' : 'a scalar', step.type === 'all' ? '`*`' : 'a `[key=value]`');
    }
    if (step.type === 'all') return node.items.map((_, index) => itemField(node, index, false));
    return this.#matching(node, step.field, step.value);
  }

  #key(map: YAMLMap, key: string, next: PathStep | undefined): readonly TargetField[] {
    const { document } = this.#object;
    let pair = findPair(map, key);
    const created = pair === undefined;
    if (pair === undefined) {
      if (!this.#create) return [];
      if (map.items.length === 0) map.flow = false;
      pair = document.createPair(key, null);
      pair.value = emptyFor(next);
      map.items.push(pair);
    }
    const found = pair;
    const replace = (node: Node) => {
      found.value = node;
    };
    if (found.value === null || found.value === undefined) found.value = new Scalar(null);
    return [{ node: found.value as Node, created, replace }];
  }

  #element(list: YAMLSeq, index: number, next: PathStep | undefined): readonly TargetField[] {
    const created = this.#create && index === list.items.length;
    if (created) list.items.push(emptyFor(next));
    if (index >= list.items.length) {
      throw new Error(`index ${index} specified but only ${list.items.length} elements found`);
    }
    return [itemField(list, index, created)];
  }

  /** The elements whose field is found by the value, taken as a regular expression as kustomize takes it. */
  #matching(list: YAMLSeq, field: string, value: string): readonly TargetField[] {
    const expression = RE2JS.compile(value);
    const found = list.items.flatMap((item, index) => {
      const element = resolveAlias(this.#object.document, item);
      const holder = field === '' ? element : isMap(element) ? findPair(element, field)?.value : undefined;
      const scalar = resolveAlias(this.#object.document, holder);
      const matches = isScalar(scalar) && expression.matcher(scalarText(scalar)).find();
      return matches ? [itemField(list, index, false)] : [];
    });
    if (found.length > 0 || !this.#create) return found;
    if (list.items.length === 0) list.flow = false;
    list.items.push(field === '' ? new Scalar(value) : this.#object.document.createNode({ [field]: value }));
    return [itemField(list, list.items.length - 1, field === '')];
  }

  #mismatch(actual: string, step: string): Error {
    return new Error(`field path ${JSON.stringify(this.#path)} asks for ${step} of ${actual}`);
  }
}

function itemField(list: YAMLSeq, index: number, created: boolean): TargetField {
  const replace = (node: Node) => {
    list.items[index] = node;
  };
  return { node: list.items[index] as Node, created, replace };
}

/** What a missing field must be for the next step to be taken from it. */
function emptyFor(step: PathStep | undefined): Node {
  if (step === undefined) return new Scalar(null);
  if (step.type !== 'key') return new YAMLSeq();
  return /^[0-9]+$/.test(step.key) ? new YAMLSeq() : new YAMLMap();
}
