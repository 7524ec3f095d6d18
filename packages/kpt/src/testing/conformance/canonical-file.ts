import { isCollection, isMap, isNode, visit } from 'yaml';
import { printYaml } from '../../yaml/print-node.ts';
import { parseResources } from '../../yaml/resource-file.ts';

/** A file in one form whatever its blank lines, indentation and flow style. */
export function canonicalFile(path: string, text: string): string {
  if (!/\.ya?ml$/.test(path)) return text;
  return parseResources(path, text)
    .filter((resource) => !resource.isEmpty)
    .map(({ document }) => {
      // kpt puts annotations before what functions add to the metadata, because it had put some there itself.
      const metadata = document.get('metadata');
      if (isMap(metadata)) metadata.items.sort((a, b) => (String(a.key) < String(b.key) ? -1 : 1));
      visit(document, (_, node) => {
        if (isNode(node)) node.spaceBefore = false;
        if (isCollection(node)) delete node.flow;
      });
      return printYaml(document, 'compact').replace(/^(---|)\n/gm, '');
    })
    .join('---\n');
}
