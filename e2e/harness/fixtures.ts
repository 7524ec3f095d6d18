import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

const repositoryRoot = resolve(import.meta.dirname, '../..');

/** Where fixtures are looked for: `PORCH_FIXTURES`, or `../shared/fixtures` beside the repository. */
function fixturesDirectory(): string {
  return resolve(repositoryRoot, process.env.PORCH_FIXTURES || '../shared/fixtures');
}

/** Path of a fixture, or undefined where it is missing. */
function findFixture(...path: string[]): string | undefined {
  const found = join(fixturesDirectory(), ...path);
  return existsSync(found) ? found : undefined;
}

/** What to say where tests are skipped for want of a fixture. */
function missingFixture(...path: string[]): string {
  return `fixture ${join(...path)} not found below ${fixturesDirectory()}; set PORCH_FIXTURES to the folder that holds it`;
}

/** The Git repositories among the fixtures. */
const fixtureRepositories = {
  'test-blueprints': ['repositories', 'test-blueprints.bundle'],
  'simple-repository': ['repositories', 'simple-repository.tar'],
  'drafts-repository': ['repositories', 'drafts-repository.tar'],
  'nested-repository': ['repositories', 'nested-repository.tar'],
} as const satisfies Record<string, readonly string[]>;

export type FixtureRepository = keyof typeof fixtureRepositories;

/** Path of a fixture repository's archive, or undefined where it is missing; missing ones are named on standard error. */
export function findFixtureRepository(name: FixtureRepository): string | undefined {
  const path = fixtureRepositories[name];
  const found = findFixture(...path);
  if (found === undefined) process.stderr.write(`skipped: ${missingFixture(...path)}\n`);
  return found;
}
