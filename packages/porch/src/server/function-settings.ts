import { resolve } from 'node:path';
import type { RunLimits } from '@porch/kpt';

/** Ways of running functions, in the order in which they are tried. */
export const functionRuntimes = ['builtin', 'grpc', 'exec', 'container', 'wasm'] as const;
export type FunctionRuntimeName = (typeof functionRuntimes)[number];

/** Engines of containers whose commands take the same arguments. */
export const containerEngines = ['docker', 'podman', 'nerdctl'] as const;

/** How functions are run. Ways that are not set up are not tried. */
export interface FunctionSettings {
  /** Host and port of a function runner; empty for none. */
  readonly runner: string;
  /** Absolute path of the certificates that the runner's is checked against; empty for a connection that is not encrypted. */
  readonly runnerCaFile: string;
  /** Absolute path of a table of images and programs; empty for none. */
  readonly executables: string;
  /** Absolute path of the directory of the programs that FunctionConfigs name; empty where those are not run. */
  readonly programDirectory: string;
  /** The command of a container engine; empty for none. */
  readonly containerEngine: string;
  /** What that command gets to know of the environment. */
  readonly engineEnvironment: Readonly<Record<string, string>>;
  /** Absolute path of a table of images and WASI modules; empty for none. */
  readonly modules: string;
  /** Ways that are not tried even where they are set up. */
  readonly disabled: readonly FunctionRuntimeName[];
  /** What a function may take that is not run by the server's own threads. */
  readonly limits: RunLimits;
}

export const defaultFunctionSettings: FunctionSettings = Object.freeze({
  runner: '',
  runnerCaFile: '',
  executables: '',
  programDirectory: '',
  containerEngine: '',
  engineEnvironment: Object.freeze({}),
  modules: '',
  disabled: Object.freeze([]),
  // As those of the library, which commands that start no server do without.
  limits: Object.freeze({ timeoutMs: 60_000, memoryBytes: 512 << 20, outputBytes: 6 << 20 }),
} satisfies FunctionSettings);

function absolute(path: string): string {
  return path === '' ? '' : resolve(path);
}

/** The same settings, complete and frozen. */
export function completeFunctionSettings(settings: FunctionSettings): FunctionSettings {
  return Object.freeze({
    ...settings,
    runnerCaFile: absolute(settings.runnerCaFile),
    executables: absolute(settings.executables),
    programDirectory: absolute(settings.programDirectory),
    modules: absolute(settings.modules),
    engineEnvironment: Object.freeze({ ...settings.engineEnvironment }),
    disabled: Object.freeze([...settings.disabled]),
    limits: Object.freeze({ ...settings.limits }),
  });
}
