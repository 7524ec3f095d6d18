/**
 * The part of <https://webassembly.github.io/spec/js-api/> that modules are run with. Node has it, but its types leave it to those of
 * browsers.
 */
declare global {
  namespace WebAssembly {
    type ModuleImports = Record<string, unknown>;

    class Module {
      private readonly kind: 'module';
    }

    class Memory {
      readonly buffer: ArrayBuffer;
    }

    class Instance {
      readonly exports: Readonly<Record<string, unknown>>;
      constructor(module: Module, imports: Readonly<Record<string, ModuleImports>>);
    }

    class CompileError extends Error {}

    function compile(bytes: Uint8Array<ArrayBuffer>): Promise<Module>;
  }
}

export type CompiledModule = WebAssembly.Module;
