import { StarlarkError } from '../../starlark/errors.ts';
import type { Budget } from '../../starlark/limits.ts';
import { standardModules } from '../../starlark/modules/standard-modules.ts';
import { fromYaml } from '../../starlark/modules/yaml-values.ts';
import { runProgram } from '../../starlark/run-program.ts';
import { Dict } from '../../starlark/values/dict.ts';
import { Struct } from '../../starlark/values/struct.ts';
import type { Value } from '../../starlark/values/value.ts';
import type { KrmObject } from '../../yaml/krm-object.ts';
import type { FunctionInput, FunctionOutput, KrmFunction } from '../function.ts';
import { functionFailure, messageOf, report } from '../reporting.ts';
import { krmfnModule } from './krmfn-module.ts';
import { presentMoment } from './present-moment.ts';
import { PrintedText } from './printed-text.ts';
import { ScriptItems } from './script-items.ts';
import { scriptLimits } from './script-limits.ts';
import { readScript } from './starlark-config.ts';

/** How many characters of an error's message are kept. */
const longestMessage = 8 * 1024;

/** Runs a script on the resources: `ctx.resource_list` in, what the script made of it out. */
export const starlark: KrmFunction = { name: 'starlark', tags: ['v0.5.5', 'v0.5'], run };

function run({ items, config }: FunctionInput): FunctionOutput {
  const printed = new PrintedText();
  const clock = {
    isRead: false,
    now(): bigint {
      clock.isRead = true;
      return presentMoment();
    },
  };
  try {
    const { name, source } = readScript(config);
    const output = runScript(name, source, items, config, printed, clock.now);
    return { results: [], items: output, stderr: printed.toString(), ...(clock.isRead && { isRepeatable: false }) };
  } catch (error) {
    const message = cut(messageOf(error));
    const details = error instanceof StarlarkError && error.traceback !== '' ? cut(error.traceback) : message;
    return {
      results: [report('error', message)],
      failed: `${functionFailure}\n${details}`,
      stderr: printed.toString(),
      ...(clock.isRead && { isRepeatable: false }),
    };
  }
}

/** Messages go into results and statuses; scripts can make them as long as they like. */
function cut(text: string): string {
  return text.length <= longestMessage ? text : `${text.slice(0, longestMessage).toWellFormed()} ... (cut)`;
}

function runScript(
  file: string,
  source: string,
  objects: readonly KrmObject[],
  config: KrmObject | undefined,
  printed: PrintedText,
  now: () => bigint,
): readonly KrmObject[] {
  const modules = new Map([...standardModules(now), ['krmfn.star', krmfnModule] as const]);
  const resourceList = new Dict();
  let items: ScriptItems | undefined;
  let output: readonly KrmObject[] = objects;
  const predeclared = (budget: Budget): Readonly<Record<string, Value>> => {
    items = new ScriptItems(objects, budget);
    resourceList.set('apiVersion', 'config.kubernetes.io/v1', budget);
    resourceList.set('kind', 'ResourceList', budget);
    resourceList.set('items', items.list, budget);
    if (config !== undefined) {
      resourceList.set('functionConfig', fromYaml(config.document, budget), budget);
    }
    return { ctx: context(resourceList, budget) };
  };
  const print = (line: string) => printed.add(line);
  runProgram({ file, source, predeclared, modules, print, limits: scriptLimits() }, (budget) => {
    output = items?.finish(resourceList.get('items', budget)) ?? objects;
  });
  return output;
}

/** Scripts see neither the environment of the program nor schemas: both dicts are there, and empty. */
function context(resourceList: Dict, budget: Budget): Struct {
  const openApi = Dict.of([['definitions', new Dict()]], budget);
  return new Struct({ resource_list: resourceList, open_api: openApi, environment: new Dict() });
}
