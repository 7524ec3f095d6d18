import { type Document, type Scalar, visit } from 'yaml';

const coreTag = /^tag:yaml\.org,2002:(int|float|bool|null)$/;
/** What is a truth to readers of YAML 1.1. */
const truth = /^(?:y|yes|n|no|on|off|true|false)$/i;
const number = /^[-+]?\.?[0-9]/;

/**
 * Takes tags from texts that can be nothing of their type, `!!int x`: printed with its tag, such a text would become another value. Functions
 * in Go leave the tag of what stood in a field on the text that they put there.
 */
export function dropUnfitTags(document: Document, text: string): void {
  if (!/!!(?:int|float|bool|null)|!<|%TAG/.test(text)) return;
  visit(document, {
    Scalar(_, scalar) {
      dropUnfitTag(scalar);
    },
  });
}

/** The same for one scalar, which may have got another text. */
export function dropUnfitTag(scalar: Scalar): void {
  const { value, tag } = scalar;
  const kind = coreTag.exec(tag ?? '')?.[1];
  if (kind === undefined || typeof value !== 'string') return;
  if (!(kind === 'bool' && truth.test(value)) && !(kind !== 'bool' && kind !== 'null' && number.test(value))) {
    delete scalar.tag;
  }
}

/** Whether a tag makes a number, a truth or nothing of a text. */
export function isTypeTag(tag: string | undefined): tag is string {
  return tag !== undefined && coreTag.test(tag);
}
