import { othersFirst } from '../meta/others-first.ts';
import { DecodeError } from './decoding.ts';
import { checkJson, parseJson, type ReadValue, readJson } from './read-json.ts';
import { readYaml } from './read-yaml.ts';
import { ReadingThread } from './reading-thread.ts';

/** Formats of bodies that are read here. */
export type BodyFormat = 'json' | 'yaml';

/** Longer bodies are read in threads of their own: YAML takes up to four seconds a megabyte, checking JSON up to 15 milliseconds. */
export const readHereUpTo: Readonly<Record<BodyFormat, number>> = { json: 256 * 1024, yaml: 32 * 1024 };

/** Longer ones are checked first and parsed when others have been looked at; in bytes. */
const readAtOnceUpTo = 32 * 1024;

async function readJsonHere(body: Buffer): Promise<ReadValue> {
  if (body.length <= readAtOnceUpTo) return readJson(body);
  const problems = checkJson(body);
  await othersFirst();
  return { value: parseJson(body.toString('utf8')), problems };
}

/** Reads the bodies of requests without holding up anybody else. */
export interface BodyReader {
  /**
   * One long body of a format after the other, in the order they come.
   * @throws DecodeError for what cannot be read, the signal's reason when that aborts
   */
  read(body: Buffer, format: BodyFormat, signal: AbortSignal): Promise<ReadValue>;
  /** Ends the threads. */
  close(): Promise<void>;
}

/**
 * A reader whose threads start with the first body that is long enough for them. JSON is only checked there, and parsed here: a
 * value costs as much to hand over as to parse (`docs/decisions/0010-long-bodies.md`).
 */
export function createBodyReader(): BodyReader {
  const threads = { json: new ReadingThread('json'), yaml: new ReadingThread('yaml') };
  return {
    async read(body, format, signal) {
      if (body.length <= readHereUpTo[format]) return format === 'json' ? readJsonHere(body) : readYaml(body);
      const answer = await threads[format].read({ format, body }, signal);
      if ('refused' in answer) throw new DecodeError(answer.refused);
      return 'value' in answer ? answer : { value: parseJson(body.toString('utf8')), problems: answer.problems };
    },
    async close() {
      await Promise.all([threads.json.close(), threads.yaml.close()]);
    },
  };
}
