import type { Node } from 'yaml';
import { StarlarkError, StarlarkLimitError } from '../../starlark/errors.ts';
import type { Budget } from '../../starlark/limits.ts';
import { fromYaml } from '../../starlark/modules/yaml-values.ts';
import { Dict } from '../../starlark/values/dict.ts';
import { List } from '../../starlark/values/list.ts';
import { toPlain } from '../../starlark/values/plain.ts';
import { type StarlarkObject, typeName, type Value } from '../../starlark/values/value.ts';
import { KrmObject } from '../../yaml/krm-object.ts';
import type { FieldValue } from '../../yaml/node-edits.ts';
import { showObject } from '../reporting.ts';
import { dropPlacement, notePlacement, type Placement, readId, readPlacement } from './placement.ts';
import { updateDocument } from './update-document.ts';

/** The resources of a script: dicts made of objects, and objects changed as the dicts were. */
export class ScriptItems {
  readonly #budget: Budget;
  readonly #objects = new Map<StarlarkObject, KrmObject>();
  readonly #byId = new Map<string, KrmObject>();
  readonly #origins = new Map<StarlarkObject, Node>();
  /** What the script works on. */
  readonly list = new List([]);

  constructor(objects: readonly KrmObject[], budget: Budget) {
    this.#budget = budget;
    for (const object of objects) this.list.items.push(this.#item(object));
  }

  /**
   * Changes the objects as the script changed its dicts, and makes those it added.
   *
   * @param items - what the script left as the list of items
   * @throws StarlarkError for items that are no resources
   */
  finish(items: Value | undefined): KrmObject[] {
    const elements = items instanceof List ? items.items : undefined;
    if (elements === undefined) {
      throw new StarlarkError(`ctx.resource_list["items"] must be a list, got ${typeName(items ?? null)}`);
    }
    const used = new Set<KrmObject>();
    const planned = elements.map((element, index) => this.#plan(element, index, used));
    for (const { item, source } of planned) {
      dropPlacement(item, source, this.#budget);
      // Finds what no file can hold before anything has been changed.
      toPlain(item, this.#budget);
    }
    return planned.map((plan) => this.#carryOut(plan));
  }

  #item(object: KrmObject): Value {
    const made = (value: StarlarkObject, node: Node) => this.#origins.set(value, node);
    const item = this.#valueOf(object, made);
    if (!(item instanceof Dict)) return item;
    const id = String(this.#byId.size + 1);
    this.#byId.set(id, object);
    this.#objects.set(item, object);
    notePlacement(item, object, id, this.#budget);
    return item;
  }

  #valueOf(object: KrmObject, made: (value: StarlarkObject, node: Node) => void): Value {
    try {
      return fromYaml(object.document, this.#budget, made);
    } catch (error) {
      if (!(error instanceof StarlarkError) || error instanceof StarlarkLimitError) throw error;
      throw new StarlarkError(`${showObject(object)}: ${error.message}`, { cause: error });
    }
  }

  #plan(item: Value, index: number, used: Set<KrmObject>): Plan {
    if (!(item instanceof Dict)) {
      throw new StarlarkError(`ctx.resource_list["items"][${index}] must be a dict, got ${typeName(item)}`);
    }
    const known = this.#objects.get(item);
    const source = known ?? this.#byId.get(readId(item, this.#budget) ?? '');
    const isFirst = source !== undefined && !used.has(source);
    if (source !== undefined) used.add(source);
    return { item, source, isFirst, placement: readPlacement(item, source, this.#budget) };
  }

  #carryOut({ item, source, isFirst, placement }: Plan): KrmObject {
    if (source === undefined) {
      const created = KrmObject.create(toPlain(item, this.#budget) as { readonly [key: string]: FieldValue });
      return placed(created, placement);
    }
    // A copy of a resource keeps the comments of the original.
    const object = isFirst ? source : source.clone();
    updateDocument(object.document, item, isFirst ? this.#origins : new Map(), this.#budget);
    return placed(object, placement);
  }
}

interface Plan {
  readonly item: Dict;
  /** The object that the item was made of, or says it comes from. */
  readonly source: KrmObject | undefined;
  /** Whether no item before it comes from the same object. */
  readonly isFirst: boolean;
  readonly placement: Placement;
}

function placed(object: KrmObject, { path, index }: Placement): KrmObject {
  object.path = path;
  object.index = index;
  return object;
}
