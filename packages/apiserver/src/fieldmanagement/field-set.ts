import type { PathElement } from './path-element.ts';

/** A set of paths: those that end here, and those that go on. Immutable; children are never empty. */
export interface FieldSet {
  readonly members: ReadonlySet<PathElement>;
  readonly children: ReadonlyMap<PathElement, FieldSet>;
}

/** The set of no paths. */
export const emptySet: FieldSet = { members: new Set(), children: new Map() };

function make(members: ReadonlySet<PathElement>, children: ReadonlyMap<PathElement, FieldSet>): FieldSet {
  return members.size === 0 && children.size === 0 ? emptySet : { members, children };
}

function select(members: ReadonlySet<PathElement>, wanted: (element: PathElement) => boolean): Set<PathElement> {
  const selected = new Set<PathElement>();
  for (const element of members) if (wanted(element)) selected.add(element);
  return selected;
}

/** Whether a set has no paths. */
export function isEmptySet(set: FieldSet): boolean {
  return set.members.size === 0 && set.children.size === 0;
}

/** Paths of either set. */
export function union(a: FieldSet, b: FieldSet): FieldSet {
  if (isEmptySet(a)) return b;
  if (isEmptySet(b)) return a;
  const children = new Map(a.children);
  for (const [element, child] of b.children) {
    const own = children.get(element);
    children.set(element, own === undefined ? child : union(own, child));
  }
  return make(new Set([...a.members, ...b.members]), children);
}

/** Paths of any of the sets. They are joined two by two: one after the other, each would be copied as often as others follow. */
export function unionOf(sets: readonly FieldSet[]): FieldSet {
  const [first = emptySet, second] = sets;
  if (second === undefined) return first;
  const half = sets.length >> 1;
  return union(unionOf(sets.slice(0, half)), unionOf(sets.slice(half)));
}

/** Paths of both sets. */
export function intersection(a: FieldSet, b: FieldSet): FieldSet {
  const children = new Map<PathElement, FieldSet>();
  for (const [element, child] of a.children) {
    const other = b.children.get(element);
    const shared = other === undefined ? emptySet : intersection(child, other);
    if (!isEmptySet(shared)) children.set(element, shared);
  }
  return make(
    select(a.members, (element) => b.members.has(element)),
    children,
  );
}

/** Paths of the first set that the second one does not have. */
export function difference(a: FieldSet, b: FieldSet): FieldSet {
  if (isEmptySet(b)) return a;
  const children = new Map<PathElement, FieldSet>();
  for (const [element, child] of a.children) {
    const other = b.children.get(element);
    const rest = other === undefined ? child : difference(child, other);
    if (!isEmptySet(rest)) children.set(element, rest);
  }
  return make(
    select(a.members, (element) => !b.members.has(element)),
    children,
  );
}

/** Paths of the first set that are neither in the second nor below one of its paths. */
export function without(a: FieldSet, b: FieldSet): FieldSet {
  const children = new Map<PathElement, FieldSet>();
  for (const [element, child] of a.children) {
    if (b.members.has(element)) continue;
    const other = b.children.get(element);
    const rest = other === undefined ? child : without(child, other);
    if (!isEmptySet(rest)) children.set(element, rest);
  }
  return make(
    select(a.members, (element) => !b.members.has(element)),
    children,
  );
}

/** Paths of the first set that are in the second or below one of its paths. */
export function within(a: FieldSet, b: FieldSet): FieldSet {
  const children = new Map<PathElement, FieldSet>();
  for (const [element, child] of a.children) {
    if (b.members.has(element)) {
      children.set(element, child);
      continue;
    }
    const other = b.children.get(element);
    const rest = other === undefined ? emptySet : within(child, other);
    if (!isEmptySet(rest)) children.set(element, rest);
  }
  return make(
    select(a.members, (element) => b.members.has(element)),
    children,
  );
}

/** Whether two sets have the same paths. */
export function sameSet(a: FieldSet, b: FieldSet): boolean {
  if (a === b) return true;
  if (a.members.size !== b.members.size || a.children.size !== b.children.size) return false;
  for (const element of a.members) if (!b.members.has(element)) return false;
  for (const [element, child] of a.children) {
    const other = b.children.get(element);
    if (other === undefined || !sameSet(child, other)) return false;
  }
  return true;
}

/** All paths, in order: fields, keyed items, values, places; then by name. */
export function pathsOf(set: FieldSet): PathElement[][] {
  const elements = [...new Set([...set.members, ...set.children.keys()])].sort(inOrder);
  return elements.flatMap((element) => {
    const below = set.children.get(element);
    const paths = below === undefined ? [] : pathsOf(below).map((path) => [element, ...path]);
    return set.members.has(element) ? [[element], ...paths] : paths;
  });
}

const kinds = 'fkvi';

function inOrder(a: PathElement, b: PathElement): number {
  const byKind = kinds.indexOf(a.charAt(0)) - kinds.indexOf(b.charAt(0));
  if (byKind !== 0) return byKind;
  if (a.startsWith('i:')) return Number(a.slice(2)) - Number(b.slice(2));
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Collects paths into a set. */
export class FieldSetBuilder {
  readonly #members = new Set<PathElement>();
  readonly #children = new Map<PathElement, FieldSetBuilder>();

  /** Adds a path of at least one step. */
  add(path: readonly PathElement[]): this {
    let at: FieldSetBuilder = this;
    const last = path.length - 1;
    path.forEach((element, index) => {
      if (index === last) at.#members.add(element);
      else at = at.#below(element);
    });
    return this;
  }

  #below(element: PathElement): FieldSetBuilder {
    let child = this.#children.get(element);
    if (child === undefined) {
      child = new FieldSetBuilder();
      this.#children.set(element, child);
    }
    return child;
  }

  build(): FieldSet {
    const children = new Map<PathElement, FieldSet>();
    for (const [element, child] of this.#children) children.set(element, child.build());
    return make(this.#members, children);
  }
}

/** The set of the given paths. */
export function setOf(paths: Iterable<readonly PathElement[]>): FieldSet {
  const builder = new FieldSetBuilder();
  for (const path of paths) builder.add(path);
  return builder.build();
}
