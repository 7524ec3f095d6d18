import { parse, stringify } from 'yaml';
import { kptfileName } from '../../package/files.ts';
import { parseResources, YamlSyntaxError } from '../../yaml/resource-file.ts';
import { withExpectedWords } from './compare-words.ts';

/**
 * Two Kptfiles as texts that are the same where their values are, whatever order and comments.
 *
 * @param withStatus - whether the status that rendering leaves counts
 */
export function kptfileValues(expected: string, actual: string, withStatus: boolean): readonly [string, string] {
  const [wanted, found] = [valueOf(expected, withStatus), valueOf(actual, withStatus)];
  if (wanted === undefined || found === undefined) return [expected, actual];
  return [printValue(wanted), printValue(withExpectedWords(wanted, found))];
}

/** A value in one form, whatever the order of its keys. */
export function printValue(value: unknown): string {
  return stringify(value, { sortMapEntries: true, lineWidth: 0, aliasDuplicateObjects: false });
}

/** Undefined for what is no YAML. */
function valueOf(text: string, withStatus: boolean): unknown {
  try {
    parseResources(kptfileName, text);
  } catch (error) {
    if (error instanceof YamlSyntaxError) return undefined;
    throw error;
  }
  const { status, ...rest } = (parse(text, { logLevel: 'error' }) ?? {}) as Readonly<Record<string, unknown>>;
  return withStatus && status !== undefined ? { ...rest, status } : rest;
}
