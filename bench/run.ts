/** `npm run bench`: measures a server at several sizes and writes a report. */
import { execFileSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus } from 'node:os';
import { join } from 'node:path';
import { postgresBinaries } from '../packages/apiserver/src/storage/postgres/postgres-server.test-support.ts';
import { Bed } from './bed.ts';
import { goalsOf } from './goals.ts';
import { interrupted } from './interrupted.ts';
import { summarize } from './measure.ts';
import { type BenchOptions, helpText, readOptions } from './options.ts';
import { measureSpeed } from './rendering/speed.ts';
import { measureThroughput } from './rendering/throughput.ts';
import { measureDelay } from './replicas/delay.ts';
import { measureWrites } from './replicas/throughput.ts';
import { markdown } from './report.ts';
import type { Measurement, Results } from './results.ts';
import { busy } from './scenarios/busy.ts';
import { create } from './scenarios/create.ts';
import { get } from './scenarios/get.ts';
import { list } from './scenarios/list.ts';
import { publish } from './scenarios/publish.ts';
import { remove } from './scenarios/remove.ts';
import type { Scenario } from './scenarios/scenario.ts';
import { start } from './scenarios/start.ts';
import { synchronise } from './scenarios/synchronise.ts';
import { update } from './scenarios/update.ts';
import { watch } from './scenarios/watch.ts';

/** In the order in which they run. */
const scenarios: readonly Scenario[] = [get, list, watch, create, update, busy, publish, remove, synchronise, start];

/** The names, for `--only`, of what is measured without a server, and with several on one database. */
const [rendering, replicas] = ['render', 'replicas'];

async function measureAt(size: number, options: BenchOptions): Promise<readonly Measurement[]> {
  progress(`${size} revisions: preparing`);
  const bed = await Bed.make({ size, quick: options.quick, profile: options.profile });
  try {
    const measurements: Measurement[] = [
      { name: 'first synchronisation', size, unit: 'ms', summary: summarize([bed.firstSyncMs]) },
    ];
    for (const scenario of scenarios) {
      if (options.only !== undefined && !options.only.has(scenario.name)) continue;
      progress(`${size} revisions: ${scenario.name}`);
      measurements.push(...(await Promise.race([scenario.run(bed), interrupted])));
    }
    return measurements;
  } finally {
    await bed.close();
  }
}

async function measureRendering({ quick }: BenchOptions): Promise<readonly Measurement[]> {
  progress('rendering');
  const rounds = (resources: number, least: number): number =>
    Math.max(least, Math.round((quick ? 300 : 3000) / resources));
  // The middle of fewer is what the machine happened to do.
  const least = quick ? 3 : 9;
  return [
    ...(await measureSpeed((resources) => ({ warmUp: rounds(resources, 3), measured: rounds(resources, least) }))),
    ...(await measureThroughput(quick ? 10 : 50)),
  ];
}

async function measureReplicas({ quick, profile }: BenchOptions): Promise<readonly Measurement[]> {
  if (postgresBinaries === undefined) {
    progress('replicas: skipped, npm has no PostgreSQL for this machine');
    return [];
  }
  const writes = await measureWrites({ quick, profile, progress });
  progress('replicas: delay between two');
  return [...writes, ...(await measureDelay({ quick, profile }))];
}

async function run(options: BenchOptions): Promise<void> {
  const began = performance.now();
  const measurements: Measurement[] = [];
  const { only } = options;
  if (only === undefined || only.has(rendering)) measurements.push(...(await measureRendering(options)));
  if (only === undefined || only.has(replicas)) measurements.push(...(await measureReplicas(options)));
  const needsServer = only === undefined || scenarios.some(({ name }) => only.has(name));
  for (const size of needsServer ? options.sizes : []) measurements.push(...(await measureAt(size, options)));
  const results: Results = {
    run: {
      date: new Date().toISOString(),
      node: process.version,
      git: execFileSync('git', ['--version'], { encoding: 'utf8' }).trim(),
      machine: `${availableParallelism()} cores (${cpus()[0]?.model.trim() ?? 'unknown'}), ${process.platform}`,
      sizes: options.sizes,
      quick: options.quick,
      seconds: Math.round((performance.now() - began) / 1000),
    },
    goals: goalsOf(measurements),
    measurements,
  };
  const text = markdown(results);
  await mkdir(options.out, { recursive: true });
  await writeFile(join(options.out, 'results.md'), text);
  await writeFile(join(options.out, 'results.json'), `${JSON.stringify(results, null, 2)}\n`);
  process.stdout.write(`${text}\nWritten to ${join(options.out, 'results.md')} and results.json.\n`);
}

function progress(text: string): void {
  process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${text}\n`);
}

function optionsOrExit(): BenchOptions {
  const names = [rendering, replicas, ...scenarios.map(({ name }) => name)];
  try {
    const options = readOptions(process.argv.slice(2), names);
    if (options !== undefined) return options;
    process.stdout.write(helpText(names));
    process.exit(0);
  } catch (error) {
    process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(2);
  }
}

try {
  await run(optionsOrExit());
} catch (error) {
  process.stderr.write(`bench: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exit(1);
}
