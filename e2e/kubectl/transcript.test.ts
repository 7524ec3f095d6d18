import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { kubectlPrograms } from '../harness/kubectl.ts';
import { Remote } from '../harness/remote.ts';
import { gitPassword, gitUser, startWorld, type World } from '../harness/world.ts';
import { outputFits, parseTranscript, type Step, wordsOf } from './transcript.ts';

const transcript = readFileSync(join(import.meta.dirname, 'transcript.txt'), 'utf8');

describe('a transcript', () => {
  it('is read as it is described', () => {
    const text = "# x\n\n! [29-32] kubectl a 'b c' <<EOF\nin\n\nEOF\nout\n...\n\n$ kubectl d\n";
    expect(parseTranscript(text)).toEqual([
      { line: 3, command: "a 'b c'", stdin: 'in\n\n', fails: true, least: 29, most: 32, output: ['out', '...'] },
      { line: 10, command: 'd', stdin: undefined, fails: false, least: 0, most: Number.POSITIVE_INFINITY, output: [] },
    ]);
    expect(() => parseTranscript('kubectl a\n')).toThrow('line 1');
    expect(() => parseTranscript('$ kubectl a <<EOF\nin\n')).toThrow('no end');
    expect(wordsOf(`patch -p '{"a": 1}' -o=jsonpath={.a}`)).toEqual(['patch', '-p', '{"a": 1}', '-o=jsonpath={.a}']);
  });

  it('is compared line by line', () => {
    expect(outputFits(['a <*> c', '...', 'd'], ['a  b   c', 'x', 'y', 'd'])).toBe(true);
    expect(outputFits(['a', '...'], ['a'])).toBe(true);
    expect(outputFits(['a', '...', 'd'], ['a', 'x'])).toBe(false);
    expect(outputFits(['a'], ['a', 'b'])).toBe(false);
    expect(outputFits(['a.c'], ['abc'])).toBe(false);
    expect(outputFits([], ['a'])).toBe(false);
  });
});

describe.each(kubectlPrograms())('$title', (program) => {
  let world: World;

  beforeAll(async () => {
    world = await startWorld({ porch: { program } });
    await world.git.createRepository('repo');
    await new Remote(world.git.directory('repo')).push('main', { 'README.md': 'x\n' });
  });
  afterAll(() => world?.close());

  const linesOf = (text: string): string[] => text.split('\n').filter((line) => line.trim() !== '');

  it('says what the transcript says', async () => {
    const words = transcript
      .replaceAll('{git}', world.git.url('repo'))
      .replaceAll('{user}', gitUser)
      .replaceAll('{password}', gitPassword);
    const differences: string[] = [];
    const run = async (step: Step): Promise<void> => {
      const { code, stdout, stderr } = await world.porch.kubectlResult(wordsOf(step.command), step.stdin);
      const output = linesOf(`${stdout}\n${stderr}`);
      if ((code !== 0) === step.fails && outputFits(step.output, output)) return;
      const head = `line ${step.line}: kubectl ${step.command} (exit code ${code})`;
      const lines = [...step.output.map((line) => `  - ${line}`), ...output.map((line) => `  + ${line}`)];
      differences.push([head, ...lines].join('\n'));
    };
    for (const step of parseTranscript(words)) {
      if (program.minor >= step.least && program.minor <= step.most) await run(step);
    }
    expect(differences.join('\n')).toBe('');
  });
});
