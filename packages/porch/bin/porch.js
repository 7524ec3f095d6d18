#!/usr/bin/env node
// Plain JavaScript that old versions of Node can read: it finds a Node that runs the server.
import { execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import module from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const oldest = 24;
// As source in the repository, as JavaScript where it is installed.
const compiled = new URL('../src/cli/main.js', import.meta.url);
const main = existsSync(compiled) ? compiled : new URL('../src/cli/main.ts', import.meta.url);

function majorOf(version) {
  return Number(/^v?(\d+)\./.exec(version)?.[1] ?? 0);
}

/** What is there under this name in the nearest `node_modules` that has it, from this package upwards; or undefined. */
function installed(...names) {
  let directory = dirname(fileURLToPath(import.meta.url));
  for (;;) {
    const candidate = join(directory, 'node_modules', ...names);
    if (existsSync(candidate)) return candidate;
    const parent = dirname(directory);
    if (parent === directory) return undefined;
    directory = parent;
  }
}

/**
 * Keeps compiled code beside what npm has installed, so that the next start takes half the time, with its threads and processes. Where
 * that cannot be written, Node goes on without.
 */
function keepCompiledCode() {
  const modules = installed();
  if (modules === undefined) return;
  process.env.NODE_COMPILE_CACHE ??= join(modules, '.cache', 'porch');
  module.enableCompileCache?.(process.env.NODE_COMPILE_CACHE);
}

/**
 * Resolves a file that a module names by a relative path as what it is, without the looks at the disk by which Node finds out: for two
 * thousand modules they are a sixth of the time of a start.
 */
function resolveFilesAtOnce() {
  const formats = { '.mjs': 'module', '.ts': 'module-typescript', '.js': 'module' };
  // Other packages have files of this ending that are no modules, wherever they are installed.
  const own = /\/node_modules\/(@porch\/(apiserver|kpt)|porch)\/src\/(?!.*\/node_modules\/)/;
  module.registerHooks?.({
    resolve(specifier, context, next) {
      const { parentURL } = context;
      if (!specifier.startsWith('.') || parentURL?.startsWith('file:') !== true) return next(specifier, context);
      const ending = specifier.slice(specifier.lastIndexOf('.'));
      if (!Object.hasOwn(formats, ending) || (ending === '.js' && !own.test(parentURL)))
        return next(specifier, context);
      return { url: new URL(specifier, parentURL).href, format: formats[ending], shortCircuit: true };
    },
  });
}

function refuse() {
  process.stderr.write(
    `porch: needs Node.js ${oldest} or newer, and this is ${process.version}; run "npm ci" to install one beside it, or update Node.js\n`,
  );
  process.exit(2);
}

function runWith(node) {
  // The channel tells the server when this process is gone, however it went.
  const child = spawn(node, [fileURLToPath(main), ...process.argv.slice(2)], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT']) {
    process.on(signal, () => child.kill(signal));
  }
  child.on('error', (error) => {
    process.stderr.write(`porch: cannot run ${node}: ${error.message}\n`);
    process.exit(1);
  });
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code ?? 1);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

function usable(node) {
  try {
    return majorOf(execFileSync(node, ['--version'], { encoding: 'utf8' })) >= oldest;
  } catch (error) {
    process.stderr.write(`porch: cannot run ${node}: ${error.message.split('\n')[0]}\n`);
    return false;
  }
}

// At most half of these threads look up names of hosts, for as long as name servers do not answer. More of them would compress answers at
// the same time, and leave less to the thread that gives answers.
process.env.UV_THREADPOOL_SIZE ??= '8';
keepCompiledCode();
if (majorOf(process.version) >= oldest) {
  resolveFilesAtOnce();
  await import(main.href);
} else {
  const node = installed('.bin', 'node');
  if (node !== undefined && usable(node)) runWith(node);
  else refuse();
}
