import type { Scalar } from 'yaml';

/**
 * What cannot stand in a text as it is: readers such as kubectl refuse a file with controls and marks of byte order, and take the line ends
 * that only YAML 1.1 knows for the end of a line; and what stands for other texts while a document is printed, U+E000 and U+E001.
 */
const unprintable = /[^\t\n\x20-\x7e\xa0-\u2027\u202a-\ud7ff\u{e002}-\ufefe\uff00-\ufffd\u{10000}-\u{10ffff}]/u;
const allUnprintable = new RegExp(unprintable, 'gu');

/** Where the first line that is not empty begins with a tab, others count that as indentation, which it must not be. */
const tabFirst = /^\n*\t/;

/** Most texts: one line of ASCII that no reader takes for a number. */
const ordinary = /^[A-Za-z./][ -~]*$/;

/** Numbers to readers that care neither for the case of the letter nor for underscores. */
const foreignNumber = /^[-+]?0(?:b[01_]+|o[0-7_]+|x[\da-f_]+)$/i;

/**
 * The text of a string in quotes where the printer would write something that others read as something else; undefined for all others.
 * What stood without quotes and looks like a number may be meant as one.
 */
export function spelledText({ value, source, type }: Scalar): string | undefined {
  if (typeof value !== 'string' || ordinary.test(value)) return undefined;
  if (unprintable.test(value)) return quoted(value);
  if (foreignNumber.test(value)) return type === 'PLAIN' && source === value ? undefined : quoted(value);
  const isAmbiguousBlock = value.includes('\n') && (tabFirst.test(value) || /^[ \t\n]*$/.test(value));
  return isAmbiguousBlock ? quoted(value) : undefined;
}

/** Whether a text that the printer leaves without quotes in brackets needs some there: others see a key in it, or no text at all. */
export function needsQuotesInBrackets(value: string): boolean {
  return /[?\n]|^:/.test(value);
}

/** A string in quotes that all readers of JSON and YAML take for the same. */
export function quoted(value: string): string {
  return JSON.stringify(value.toWellFormed()).replace(
    allUnprintable,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
