import type { ScalarTag, Tags } from 'yaml';

type Tag = Exclude<Tags[number], string>;

/** What stands for the tags of schemas, which are the same ones for every document. */
const known = new WeakMap<Tag, Tag>();

/**
 * The tags of a schema, but for numbers beyond what a float holds: those are texts, as they are to kpt and kubectl. Abbreviated names of
 * commits look like that, `7e93021`.
 */
export function withFiniteNumbers(tags: Tags): Tags {
  return tags.map((tag) => {
    if (typeof tag !== 'object') return tag;
    const own = known.get(tag) ?? (isNumber(tag) ? finite(tag) : tag);
    known.set(tag, own);
    return own;
  });
}

function isNumber(tag: object): tag is ScalarTag {
  return 'tag' in tag && 'resolve' in tag && /:(?:int|float)$/.test(String(tag.tag));
}

function finite(tag: ScalarTag): ScalarTag {
  return {
    ...tag,
    resolve(text, onError, options) {
      const value = tag.resolve(text, onError, options);
      return typeof value === 'number' && !Number.isFinite(value) && /\d/.test(text) ? text : value;
    },
  };
}
