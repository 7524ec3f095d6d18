import { type Alias, isAlias, isMap, isScalar, isSeq, type Node, Scalar, YAMLMap, YAMLSeq } from 'yaml';
import { AliasTargets } from '../../yaml/alias-targets.ts';
import { detachedNode } from '../../yaml/detached-node.ts';
import { itemFor } from '../../yaml/key-comments.ts';
import type { KrmObject } from '../../yaml/krm-object.ts';
import { fillField, findPair, scalarText } from '../../yaml/node-edits.ts';
import { saysSame } from '../../yaml/says-same.ts';
import type { MatchStep, ParsedPath, TargetStep } from './field-path.ts';

/** A field found by a path, which can be replaced. */
export interface TargetField {
  readonly node: Node;
  /** Whether it was made for this replacement. */
  readonly created: boolean;
  /** Puts another node in its place, which takes over the comment beside it. */
  readonly replace: (node: Node) => void;
  /** Where it is. */
  readonly place: { readonly read: () => unknown; readonly write: (node: Node) => void };
}

/**
 * Changes all fields of an object that a path means. With `create`, mappings, list elements and the field itself are made where
 * they are missing. What an alias stands for changes at this place alone, which gets a copy of it.
 *
 * @returns how many fields there are
 * @throws Error where the path runs into something of another type, or beyond a list's end
 */
export function changeFields(
  object: KrmObject,
  path: ParsedPath<TargetStep>,
  create: boolean,
  change: (field: TargetField) => void,
): number {
  const { document } = object;
  const root = document.contents;
  if (root === null) return 0;
  const finder = new Finder(object, path.text, create);
  const top: TargetField = {
    node: root,
    created: false,
    replace: (node) => Object.assign(document, { contents: node }),
    place: { read: () => document.contents, write: (node) => Object.assign(document, { contents: node }) },
  };
  const fields = finder.find(top, path.steps);
  for (const field of fields) change(field);
  finder.restoreAliases();
  return fields.length;
}

/** A copy that stands in place of an alias. */
interface AliasCopy {
  readonly place: TargetField['place'];
  readonly alias: Alias;
  /** Beside the alias. */
  readonly comment: Alias['comment'];
  readonly copy: Node;
  /** What the alias stands for. */
  readonly original: Node;
}

class Finder {
  readonly #object: KrmObject;
  readonly #path: string;
  readonly #create: boolean;
  readonly #aliases: AliasTargets;
  readonly #copies: AliasCopy[] = [];

  constructor(object: KrmObject, path: string, create: boolean) {
    this.#object = object;
    this.#path = path;
    this.#create = create;
    this.#aliases = new AliasTargets(object.document);
  }

  find(field: TargetField, steps: readonly TargetStep[]): readonly TargetField[] {
    if (isAlias(field.node)) return this.find(this.#copied(field, field.node), steps);
    const [step, ...rest] = steps;
    if (step === undefined) return [field];
    return this.#follow(this.#container(field, step), step).flatMap((next) => this.find(next, rest));
  }

  /** Puts aliases back whose copies still say what they stand for. */
  restoreAliases(): void {
    for (const { place, alias, comment, copy, original } of this.#copies.toReversed()) {
      if (place.read() !== copy || !saysSame(this.#copyOf(copy), original)) continue;
      place.write(Object.assign(alias, { comment }));
    }
  }

  #copyOf(node: Node): Node {
    return detachedNode(node, this.#object.document, this.#aliases);
  }

  #copied(field: TargetField, alias: Alias): TargetField {
    const copy = this.#copyOf(alias);
    this.#copies.push({ place: field.place, alias, comment: alias.comment, copy, original: this.#copyOf(alias) });
    field.replace(copy);
    return { ...field, node: copy };
  }

  /** The field as something the step can be taken from; a null becomes that when fields are made. */
  #container(field: TargetField, step: TargetStep): TargetField {
    if (!this.#create || !isScalar(field.node) || field.node.value !== null) return field;
    const made = emptyFor(step);
    field.replace(made);
    return { ...field, node: made, created: true };
  }

  #follow({ node }: TargetField, step: TargetStep): readonly TargetField[] {
    if (step.type === 'key') {
      if (isMap(node)) return this.#key(node, step.key);
      if (isSeq(node) && /^[0-9]+$/.test(step.key)) return this.#element(node, Number(step.key));
      if (isScalar(node) && node.value === null) return [];
      throw this.#mismatch(isSeq(node) ? 'a list' : 'a scalar', `key ${JSON.stringify(step.key)}`);
    }
    if (!isSeq(node)) {
      if (isScalar(node) && node.value === null) return [];
      throw this.#mismatch(isMap(node) ? 'a mapping' : 'a scalar', step.type === 'all' ? '`*`' : 'a `[key=value]`');
    }
    if (step.type === 'all') return node.items.map((_, index) => itemField(node, index, false));
    return this.#matching(node, step);
  }

  #key(map: YAMLMap, key: string): readonly TargetField[] {
    const { document } = this.#object;
    let pair = findPair(map, key);
    const created = pair === undefined;
    if (pair === undefined) {
      if (!this.#create) return [];
      if (map.items.length === 0) map.flow = false;
      pair = document.createPair(key, null);
      map.items.push(pair);
    }
    const found = pair;
    if (found.value === null || found.value === undefined) found.value = new Scalar(null);
    const place = {
      read: () => found.value,
      write: (node: Node) => {
        found.value = node;
      },
    };
    return [{ node: found.value as Node, created, replace: (node) => fillField(found, () => node), place }];
  }

  #element(list: YAMLSeq, index: number): readonly TargetField[] {
    const created = this.#create && index === list.items.length;
    if (created) list.items.push(new Scalar(null));
    if (index >= list.items.length) {
      throw new Error(`index ${index} specified but only ${list.items.length} elements found`);
    }
    return [itemField(list, index, created)];
  }

  /** The elements whose field is the value, or is found by it as a regular expression, which kustomize takes it for. */
  #matching(list: YAMLSeq, { field, value, expression }: MatchStep): readonly TargetField[] {
    const found = list.items.flatMap((item, index) => {
      const element = this.#aliases.resolve(item);
      const holder = field === '' ? element : isMap(element) ? findPair(element, field)?.value : undefined;
      const scalar = this.#aliases.resolve(holder);
      const matches =
        isScalar(scalar) && (scalarText(scalar) === value || expression.matcher(scalarText(scalar)).find());
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
  const place = {
    read: () => list.items[index],
    write: (node: Node) => {
      list.items[index] = node;
    },
  };
  const replace = (node: Node) => place.write(itemFor(list.items[index], node));
  return { node: list.items[index] as Node, created, replace, place };
}

/** What a missing field must be for a step to be taken from it. */
function emptyFor(step: TargetStep): Node {
  if (step.type !== 'key') return new YAMLSeq();
  return /^[0-9]+$/.test(step.key) ? new YAMLSeq() : new YAMLMap();
}
