import { describe, expect, it } from 'vitest';
import { ListedReferences } from './listed-references.ts';

const [a, b, c] = ['a', 'b', 'c'].map((digit) => digit.repeat(40)) as [string, string, string];

describe('what ls-remote printed', () => {
  it('has references in order, and the commits of annotated tags apart', () => {
    const listed = new ListedReferences(
      Buffer.from(`${a}\trefs/heads/main\n${b}\trefs/tags/p/v1\n${c}\trefs/tags/p/v1^{}\n${a}\trefs/tags/größe/v2\n`),
    );
    expect([...listed.refs]).toEqual([
      ['refs/heads/main', a],
      ['refs/tags/p/v1', b],
      ['refs/tags/größe/v2', a],
    ]);
    expect([...listed.peeled]).toEqual([['refs/tags/p/v1', c]]);
    expect(listed.refs).toBe(listed.refs);
  });

  it('has nothing for a remote without references', () => {
    const { refs, peeled } = new ListedReferences(Buffer.alloc(0));
    expect([refs.size, peeled.size]).toEqual([0, 0]);
  });

  it('has the same digest when it says the same', () => {
    const [one, same, other] = [a, a, b].map((id) => new ListedReferences(Buffer.from(`${id}\trefs/heads/main\n`)));
    expect(same?.digest).toBe(one?.digest);
    expect(other?.digest).not.toBe(one?.digest);
  });
});
