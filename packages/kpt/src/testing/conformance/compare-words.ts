/** What kpt notes as a container's output when the function in it failed; functions that are built in print nothing of the kind. */
const containerFailure = 'failed to evaluate function: error: function failure';

/** Where kpt stops because it has printed the reason before. Here the reason is said where it belongs. */
const saidBefore = 'already handled error';

/** What a parser of YAML says after the line is its own. */
const parserMessage = /(yaml: line )\d+: .*/s;

/**
 * Whether a text says what is expected, up to where words are the writer's own: messages of the YAML parser are compared by their
 * prefix, and the error that kpt does not repeat stands for any.
 */
function saysTheSame(expected: string, actual: string): boolean {
  if (expected.endsWith(saidBefore)) return actual.startsWith(expected.slice(0, -saidBefore.length));
  const parsed = parserMessage.exec(expected);
  if (parsed === null) return expected === actual;
  return actual.startsWith(expectedWords(expected));
}

/** The part of an expected text that what is printed must contain. */
function expectedWords(expected: string): string {
  return expected.replace(parserMessage, '$1').trim();
}

/** Lines that are printed of what a function wrote to stderr. */
const stderrLines = /^ {2}Stderr:\n( {4}.*\n)*/gm;

/**
 * What is expected to be printed, and what is, in the form they are compared in: without times, and without the lines of stderr where
 * kpt's own is among those expected.
 */
export function comparablePrint(expected: string, actual: string): readonly [string, string] {
  const timed = actual.replace(/ in [\d.]+m?s$/gm, ' in 0s');
  const line = `    ${containerFailure}\n`;
  if (!expected.includes(line)) return [expectedWords(expected), timed];
  return [
    expectedWords(expected.replaceAll(`  Stderr:\n${line}`, '').replaceAll(line, '')),
    timed.replace(stderrLines, ''),
  ];
}

/**
 * What is found, with the expected words where both say the same: in messages, and in stderr where kpt's own line is expected or ours
 * stands in its place.
 */
export function withExpectedWords(expected: unknown, found: unknown): unknown {
  if (Array.isArray(found)) {
    return found.map((item, index) => withExpectedWords(Array.isArray(expected) ? expected[index] : undefined, item));
  }
  if (typeof found !== 'object' || found === null) return found;
  const wanted: Readonly<Record<string, unknown>> = { ...(expected ?? {}) };
  const result = Object.fromEntries(
    Object.entries(found).map(([key, value]) => [key, withExpectedWord(key, wanted[key], value)]),
  );
  if (wanted.stderr === containerFailure) result.stderr = containerFailure;
  else if (wanted.stderr === undefined && result.stderr === containerFailure) delete result.stderr;
  return result;
}

function withExpectedWord(key: string, expected: unknown, found: unknown): unknown {
  const isMessage = key === 'message' && typeof expected === 'string' && typeof found === 'string';
  return isMessage && saysTheSame(expected, found) ? expected : withExpectedWords(expected, found);
}
