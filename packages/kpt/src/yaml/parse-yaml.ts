import {
  Composer,
  type Document,
  type DocumentOptions,
  Lexer,
  type ParseOptions,
  Parser,
  parseDocument,
  type SchemaOptions,
} from 'yaml';
import { resolveAliasKeys } from './alias-keys.ts';
import { moveLastEntryComments } from './last-entry-comments.ts';
import { withFiniteNumbers } from './number-tags.ts';
import { plainMergeKeys } from './tagged-merge-keys.ts';
import { dropUnfitTags } from './unfit-tags.ts';

/** How a text is parsed. */
type ParseYamlOptions = ParseOptions & DocumentOptions & SchemaOptions;

/** How every text is parsed. Keys that stand twice are left to `findStructureProblem`. */
export const parseOptions = {
  prettyErrors: false,
  uniqueKeys: false,
  logLevel: 'error',
  customTags: withFiniteNumbers,
} as const;

/** What the lexer puts before the text of a scalar. */
const beforeScalar = '\x1f';

/**
 * The document of a text. As for kpt, kubectl and all that is written in Go, lines within brackets may begin anywhere: what these programs
 * write themselves has closing brackets at the start of lines. Whatever else is wrong is in the document's `errors`.
 *
 * @param more - options besides those of every text
 */
export function parseYaml(text: string, more: ParseYamlOptions = {}): Document {
  const document = parseAnywhere(text, { ...parseOptions, ...more });
  dropUnfitTags(document, text);
  plainMergeKeys(document, text);
  moveLastEntryComments(document, text);
  resolveAliasKeys(document, text);
  return document;
}

function parseAnywhere(text: string, options: ParseYamlOptions): Document {
  const strict = parseDocument(text, options) as Document;
  if (!strict.errors.some(({ code }) => code === 'BAD_INDENT')) return strict;
  const [lenient, ...others] = new Composer(options).compose(tokens(text), true, text.length);
  return lenient === undefined || others.length > 0 || lenient.errors.length > 0 ? strict : (lenient as Document);
}

function* tokens(text: string): ReturnType<Parser['parse']> {
  const parser = new Parser();
  for (const lexeme of lexemes(text)) yield* parser.next(lexeme);
  yield* parser.end();
}

/** The lexemes of a text, those within brackets whatever the indentation of their lines. */
function* lexemes(text: string): ReturnType<Lexer['lex']> {
  const lexer = new Lexer();
  let depth = 0;
  let indentOutside: unknown;
  let previous = '';
  for (const lexeme of lexer.lex(text)) {
    const isText = previous === beforeScalar;
    if (!isText && (lexeme === '[' || lexeme === '{')) {
      depth += 1;
      if (depth === 1) {
        // The lexer has no option for this; it ends brackets at a line that is indented less than it says here.
        indentOutside = Reflect.get(lexer, 'indentNext');
        Reflect.set(lexer, 'indentNext', 0);
      }
    } else if (!isText && depth > 0 && (lexeme === ']' || lexeme === '}')) {
      depth -= 1;
      if (depth === 0) Reflect.set(lexer, 'indentNext', indentOutside);
    }
    yield lexeme;
    previous = lexeme;
  }
}
