import type { CompiledModule } from './web-assembly.ts';

/** What the thread of a module is given. */
export interface ModuleTask {
  readonly module: CompiledModule;
  readonly image: string;
  readonly input: Uint8Array;
  readonly outputBytes: number;
}

/** How the module went. */
export type ModuleAnswer =
  | { readonly type: 'ran'; readonly exitCode: number; readonly stdout: Uint8Array; readonly stderr: string }
  | { readonly type: 'flooded' }
  | { readonly type: 'crashed'; readonly reason: string; readonly stderr: string };
