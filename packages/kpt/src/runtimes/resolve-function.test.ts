import { describe, expect, it } from 'vitest';
import { builtInFunctions } from '../functions/catalogue.ts';
import type { FunctionRule } from './function-rule.ts';
import { imageBaseName, resolveImage } from './image-reference.ts';
import { builtInFor, resolveRange, whyUnknown } from './resolve-function.ts';

const prefix = 'ghcr.io/kptdev/krm-functions-catalog';

function known(...rules: readonly Partial<FunctionRule>[]) {
  return { catalogue: builtInFunctions, rules: rules.map((rule) => ({ image: 'set-labels', prefixes: [], ...rule })) };
}

describe('the built-in function for an image', () => {
  const name = (image: string, ...rules: readonly Partial<FunctionRule>[]) => builtInFor(image, known(...rules))?.name;
  const builtIn = { name: 'set-labels', tags: ['v0.2', 'v0.2.2'] };

  it.each([
    `${prefix}/set-labels:v9`,
    'set-labels',
    'localhost:5000/x/set-labels',
    `a.io/set-labels@sha256:${'0'.repeat(64)}`,
  ])('is that of its base name without rules: %s', (image) => {
    expect(name(image)).toBe('set-labels');
  });

  it('is that which a rule names, for its tags only', () => {
    expect(name(`${prefix}/set-labels:v0.2`, { builtIn })).toBe('set-labels');
    expect(name(`${prefix}/set-labels:v0.1`, { builtIn })).toBeUndefined();
    expect(name('set-labels', { builtIn })).toBeUndefined();
    // What a digest names is not what is built in.
    expect(name(`${prefix}/set-labels:v0.2@sha256:${'0'.repeat(64)}`, { builtIn })).toBeUndefined();
    expect(name(`x/my:v0.2`, { image: 'my', builtIn })).toBe('set-labels');
    expect(name(`x/my:v0.2`, { image: 'my', builtIn: { ...builtIn, name: 'nothing' } })).toBeUndefined();
  });

  it('is none for images of another registry than rules are for', () => {
    const rule = { prefixes: ['a.io', 'b.io/fn'], builtIn };
    expect(name('a.io/set-labels:v0.2', rule)).toBe('set-labels');
    expect(name('a.io/deep/er/set-labels:v0.2', rule)).toBe('set-labels');
    expect(name('b.io/fn/set-labels:v0.2', rule)).toBe('set-labels');
    expect(name('b.io/fnx/set-labels:v0.2', rule)).toBeUndefined();
    expect(name('set-labels:v0.2', rule)).toBeUndefined();
  });

  it('is none where a rule has it run in another way', () => {
    expect(name('a.io/set-labels:v0.2', { container: { tags: [] } })).toBeUndefined();
    expect(name('a.io/set-labels:v0.2', { program: { path: 'x', tags: ['v0.2'] } })).toBeUndefined();
    expect(name('a.io/set-annotations:v0.2', { container: { tags: [] } })).toBe('set-annotations');
  });
});

describe('what is said of an image that nothing has', () => {
  const image = 'a.io/set-labels:v9';

  it('names what is built in, or what else was asked', () => {
    expect(whyUnknown('a.io/x:v1', known())).toMatch(
      /^function "a.io\/x:v1" is unknown: only built-in .* set-labels, /,
    );
    expect(whyUnknown('a.io/x:v1', known(), ['grpc', 'wasm'])).toBe(
      'function "a.io/x:v1" is unknown: it is not built in, and nothing else that runs functions here has it (grpc, wasm)',
    );
  });

  it('says what the rule for it has, which is something else', () => {
    const builtIn = { name: 'set-labels', tags: ['v0.2', 'v0.2.2'] };
    const program = { path: 'x', tags: ['v0.3.0'] };
    expect(whyUnknown(image, known({ owner: 'ns/labels', builtIn, program }))).toBe(
      `function "${image}" is unknown: FunctionConfig ns/labels names the built-in function set-labels for tags v0.2, v0.2.2; ` +
        'a program for tag v0.3.0, and only built-in functions can be run here',
    );
    expect(whyUnknown(image, known({ owner: 'ns/labels', container: { tags: [] } }), ['container'])).toBe(
      `function "${image}" is unknown: FunctionConfig ns/labels names a container or a function runner, and nothing else that ` +
        'runs functions here has it (container)',
    );
    expect(whyUnknown(image, known({ owner: 'ns/labels', builtIn: { ...builtIn, tags: [] } }))).toContain('for no tag');
    expect(whyUnknown(image, known({ owner: 'ns/labels' }))).toContain('ns/labels names nothing that runs it');
  });

  it('says which registries rules are for', () => {
    expect(whyUnknown(image, known({ prefixes: ['b.io', 'c.io/fn'] }))).toContain(
      'FunctionConfigs say what set-labels is for images below b.io, c.io/fn only',
    );
  });
});

describe('a range of versions', () => {
  it('is over the tags that are built in, without rules', () => {
    expect(resolveRange('set-namespace', '~0.4', known())).toBe('v0.4.5');
    expect(resolveRange('set-namespace', 'v0.4', known())).toBeUndefined();
    expect(resolveRange('set-namespace', undefined, known())).toBeUndefined();
  });

  it('is over all tags that rules name, with some', () => {
    const rules = known(
      { builtIn: { name: 'set-labels', tags: ['v0.2.1'] } },
      { program: { path: 'x', tags: ['v0.2.5'] }, container: { tags: ['v0.3.0', 'v0.2.9'] } },
    );
    expect(resolveRange('r.io/set-labels', '~0.2', rules)).toBe('v0.2.9');
  });

  it.each([
    ['set-labels', '~9', 'no tag of function "set-labels" is in the range "~9": known are '],
    ['a/b/other', '^1', 'no tag of function "other" is in the range "^1": none is known'],
    ['set-labels', '~~', '"~~" is no range of versions'],
  ])('that no tag is in is refused: %s %s', (image, tag, message) => {
    expect(() => resolveRange(image, tag, known())).toThrow(message);
  });
});

it('finds the name in an image of nothing but signs', () => {
  const long = 2_000_000;
  expect(imageBaseName(`a/b${':'.repeat(long)}\n`)).toBe('b');
  expect(resolveImage(`a/b${'@'.repeat(long)}\n`, 'v1', prefix)).toBe('a/b:v1');
});
