/** `npm run soak`: lets packages live and die at full speed, and says what the server keeps of them. */
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { createPorchClient } from '../api/porch-client.ts';
import { Bed } from '../bed.ts';
import { interrupted } from '../interrupted.ts';
import { growthPerLifecycle, type Sample } from './growth.ts';
import { liveThrough } from './lifecycle.ts';
import { type Usage, usageNames, usageOf } from './usage.ts';

const help = `Usage: npm run soak -- [options]

Lets packages live and die on a server at full speed, and prints what it holds in the end and by how much that grows with each life.
Ends with status 1 when a request fails.

  --minutes N   how long (default: 5)
  --clients N   packages at a time (default: 6)
  --help        this text
`;

/** How often the server is looked at. */
const sampleMs = 2000;

interface SoakOptions {
  readonly minutes: number;
  readonly clients: number;
}

class Soak {
  readonly #bed: Bed;
  readonly #samples: { readonly lifecycles: number; readonly usage: Usage }[] = [];
  readonly #failures: string[] = [];
  #lifecycles = 0;
  #isOver = false;

  constructor(bed: Bed) {
    this.#bed = bed;
  }

  async run({ minutes, clients }: SoakOptions): Promise<void> {
    const working = Array.from({ length: clients }, (_, index) => this.#work(`soak/p${index}`));
    const end = Date.now() + minutes * 60_000;
    try {
      while (Date.now() < end) {
        const usage = await usageOf(this.#bed.client, this.#bed.dataDirectory);
        this.#samples.push({ lifecycles: this.#lifecycles, usage });
        await Promise.race([delay(sampleMs), interrupted]);
      }
    } finally {
      this.#isOver = true;
      await Promise.all(working);
    }
  }

  /** A package after the other; what one client's package fails at, its next one goes on from. */
  async #work(packageName: string): Promise<void> {
    const client = createPorchClient(await this.#bed.connect());
    for (let round = 0; !this.#isOver; round++) {
      try {
        await liveThrough(client, `${packageName}-${round}`, round);
      } catch (error) {
        this.#failures.push(error instanceof Error ? error.message : String(error));
      }
      this.#lifecycles++;
    }
    client.connection.close();
  }

  /** Whether every request has succeeded. */
  report(): boolean {
    const lines = usageNames.map((name) => {
      const samples = this.#samples.map(({ lifecycles, usage }): Sample => ({ lifecycles, value: usage[name] }));
      return `${name.padEnd(10)} ${String(samples.at(-1)?.value).padStart(12)} ${growth(samples).padStart(12)}`;
    });
    process.stdout.write(`\n${'bytes'.padEnd(10)} ${'in the end'.padStart(12)} ${'per lifecycle'.padStart(12)}\n`);
    process.stdout.write(`${lines.join('\n')}\n\n${this.#lifecycles} lifecycles, ${this.#failures.length} failed\n`);
    for (const failure of this.#failures.slice(0, 10)) process.stdout.write(`  ${failure}\n`);
    return this.#failures.length === 0;
  }
}

function growth(samples: readonly Sample[]): string {
  try {
    return growthPerLifecycle(samples).toFixed(1);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return error.message;
  }
}

function readSoakOptions(args: readonly string[]): SoakOptions | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      minutes: { type: 'string', default: '5' },
      clients: { type: 'string', default: '6' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  const number = (name: 'minutes' | 'clients', pattern: RegExp): number => {
    if (!pattern.test(values[name]) || Number(values[name]) <= 0) throw new Error(`--${name}: give a number above 0`);
    return Number(values[name]);
  };
  return { minutes: number('minutes', /^\d{1,4}(\.\d+)?$/), clients: number('clients', /^\d{1,3}$/) };
}

try {
  const options = readSoakOptions(process.argv.slice(2));
  if (options === undefined) process.stdout.write(help);
  else {
    const bed = await Bed.make({ size: 50, quick: true, profile: undefined });
    const soak = new Soak(bed);
    try {
      await soak.run(options);
    } finally {
      await bed.close();
    }
    process.exitCode = soak.report() ? 0 : 1;
  }
} catch (error) {
  process.stderr.write(`soak: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 2;
}
