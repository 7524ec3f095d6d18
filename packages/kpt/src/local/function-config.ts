import { KrmObject } from '../yaml/krm-object.ts';
import { parseResources, YamlSyntaxError } from '../yaml/resource-file.ts';
import { LocalError } from './local-error.ts';
import { readText } from './read-directory.ts';

/** The configuration of a function, and the file that it stands in. */
export interface FunctionConfigFile {
  readonly path: string;
  readonly config: KrmObject;
}

/**
 * Reads the configuration of a function, which is the one resource in a file.
 *
 * @throws LocalError where the file cannot be read, or holds something else
 */
export function readFunctionConfig(path: string): FunctionConfigFile {
  const [config, ...others] = parse(path).filter((document) => !document.isEmpty);
  if (config === undefined || others.length > 0) {
    const found = config === undefined ? 'none' : String(others.length + 1);
    throw new LocalError(`function config ${JSON.stringify(path)} must hold one resource, but holds ${found}`);
  }
  return { path, config: new KrmObject(config) };
}

function parse(path: string): ReturnType<typeof parseResources> {
  try {
    return parseResources(path, readText(path));
  } catch (error) {
    if (!(error instanceof YamlSyntaxError)) throw error;
    throw new LocalError(`function config ${JSON.stringify(path)}: ${error.message}`, { cause: error });
  }
}
