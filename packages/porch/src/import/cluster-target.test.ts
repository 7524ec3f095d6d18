import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openClusterTarget } from './cluster-target.ts';

test.each([
  ['some text', undefined, 'has no current context; choose one with --context, or another file with --kubeconfig'],
  ['current-context: here\n', undefined, 'has no cluster for context "here"'],
  ['current-context: here\n', 'there', 'has no cluster for context "there"'],
])('a kubeconfig that leads nowhere is said to: %j, context %s', (text, context, problem) => {
  const directory = mkdtempSync(join(tmpdir(), 'porch-kubeconfig-'));
  try {
    const file = join(directory, 'config');
    writeFileSync(file, text);
    expect(() => openClusterTarget(file, context)).toThrow(`kubeconfig ${file} ${problem}`);
  } finally {
    rmSync(directory, { recursive: true });
  }
});
