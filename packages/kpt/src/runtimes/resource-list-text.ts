import { isMap, isScalar, isSeq, type Node } from 'yaml';
import { detachedNode } from '../yaml/detached-node.ts';
import { KrmObject } from '../yaml/krm-object.ts';
import { printEndedDocument } from '../yaml/print-document.ts';
import { indentLines, printYaml } from '../yaml/print-node.ts';
import { ResourceDocument } from '../yaml/resource-document.ts';

/** The wire format of functions: <https://github.com/kubernetes-sigs/kustomize/blob/master/cmd/config/docs/api-conventions/functions-spec.md>. */
const header = 'apiVersion: config.kubernetes.io/v1\nkind: ResourceList\n';

/** What should be a ResourceList is no ResourceList. */
export class ResourceListError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ResourceListError';
  }
}

/** A ResourceList with these objects, comments included, as they are. */
export function printList(items: readonly KrmObject[], config: KrmObject | undefined): string {
  const entries = items.map((item) => `- ${indentLines(textOf(item), 2).slice(2)}`);
  const list = entries.length === 0 ? 'items: []\n' : `items:\n${entries.join('')}`;
  return config === undefined ? header + list : `${header}${list}functionConfig:\n${indentLines(textOf(config), 2)}`;
}

function textOf(object: KrmObject): string {
  // Blank lines at the start would stand where the first field has to.
  const printed = printEndedDocument(object.source)
    .replaceAll('\r\n', '\n')
    .replace(/^\ufeff?(?:[ \t]*\n)*(?:---[ \t]*\n)?(?:[ \t]*\n)*/, '');
  // Directives and markers mean something at the start of a line only.
  return /^(?:---|\.\.\.|%)/m.test(printed) ? printYaml(contentOf(object), 'compact') : printed;
}

function contentOf({ document }: KrmObject): Node {
  return document.contents === null ? document.createNode({}) : detachedNode(document.contents, document);
}

/** The text of what should be a ResourceList. @throws ResourceListError where it is no UTF-8, of which something else would be made */
export function listText(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw new ResourceListError('it is no UTF-8', { cause: error });
  }
}

/** @throws ResourceListError where a text is no ResourceList, of whatever version */
export function parseList(text: string): KrmObject {
  const source = ResourceDocument.parse(text.replace(/^\ufeff/, ''));
  const [error] = source.errors;
  if (error !== undefined) {
    throw new ResourceListError(`it is no YAML: ${error.message.split('\n', 1)[0]}`, { cause: error });
  }
  const list = new KrmObject(source);
  const isList =
    ['ResourceList', 'List'].includes(list.kind) && (list.root?.has('items') || list.root?.has('functionConfig'));
  if (!isList) throw new ResourceListError('it is no ResourceList with items');
  return list;
}

/** The objects of a list. */
export function itemNodes(list: KrmObject): readonly Node[] {
  const node = list.node(['items']);
  if (node === undefined || (isScalar(node) && node.value === null)) return [];
  if (!isSeq(node)) throw new ResourceListError('items of the ResourceList are no sequence');
  return node.items.map((item, index) => {
    if (isMap(item)) return item;
    throw new ResourceListError(`item ${index} of the ResourceList is no mapping`);
  });
}
