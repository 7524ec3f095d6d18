import { systemAuthenticated } from '@porch/apiserver';
import { describe, expect, it } from 'vitest';
import {
  approvalCommitMessage,
  commitAuthor,
  committer,
  draftCommitMessage,
  readAnnotations,
  removalCommitMessage,
  workspaceOf,
} from './annotation.ts';

describe('commit messages', () => {
  it('of drafts say what was done, and annotate it after two blank lines', () => {
    const task = { type: 'init', init: { description: 'a "b"\nc' } };
    expect(draftCommitMessage({ path: 'x/a', workspaceName: 'w', task })).toBe(
      'Creating new empty revision\n\n\nkpt:{"package":"x/a","workspaceName":"w","revision":"0","task":{"type":"init","init":{"description":"a \\"b\\"\\nc"}}}\n',
    );
    expect(draftCommitMessage({ path: 'a', workspaceName: 'w' })).toBe(
      'Intermediate commit\n\n\nkpt:{"package":"a","workspaceName":"w","revision":"0"}\n',
    );
    const subject = (type: string): string | undefined =>
      draftCommitMessage({ path: 'a', workspaceName: 'w', task: { type } }).split('\n')[0];
    expect(['clone', 'edit', 'upgrade', 'render', 'push', '', 'constructor'].map(subject)).toEqual([
      'Creating new revision by cloning',
      'Creating new revision by copying previous revision',
      'Upgrading revision',
      'Rendering package',
      'Intermediate commit: push',
      'Intermediate commit',
      'Intermediate commit: constructor',
    ]);
  });

  it('of approvals name the revision, and annotate it after one blank line', () => {
    expect(approvalCommitMessage({ path: 'x/a', workspaceName: 'w', revision: 7 })).toBe(
      'Approving package revision x/a/7\n\nkpt:{"package":"x/a","workspaceName":"w","revision":"7"}\n',
    );
    expect(removalCommitMessage('x/a')).toBe('Delete x/a');
  });

  it('are read back, whatever else stands in them', () => {
    const task = { type: 'clone', clone: {} };
    const [annotation] = readAnnotations(draftCommitMessage({ path: 'a', workspaceName: 'w', task }));
    expect(annotation).toEqual({ path: 'a', workspaceName: 'w', revision: '0', task });
    const message = [
      'Subject kpt:{"package":"in the middle"}',
      'kpt:{"package":"a","revision":"v1","task":{"type":"patch","patch":{"patches":[]}}}',
      'kpt:{broken',
      'kpt:null',
      'kpt:["package"]',
      'kpt:{"package":""}',
      '\tkpt:{"package":"b","workspaceName":5,"revision":3,"task":"x"}\r',
    ].join('\n');
    expect(readAnnotations(message)).toEqual([
      { path: 'a', revision: 'v1', task: { type: 'patch', patch: { patches: [] } } },
      { path: '' },
      { path: 'b', revision: '3' },
    ]);
    expect(readAnnotations(message).map(workspaceOf)).toEqual(['v1', undefined, '3']);
    expect(readAnnotations('')).toEqual([]);
  });
});

describe('a message with more than anybody writes', () => {
  const line = (path: string) => `kpt:{"package":"${path}","workspaceName":"w"}`;

  it('has a hundred annotations at most', () => {
    const message = Array.from({ length: 150 }, (_, index) => line(`p${index}`)).join('\n');
    const found = readAnnotations(message);
    expect(found).toHaveLength(100);
    expect(found.at(-1)?.path).toBe('p99');
  });

  it('has none that are longer than all should be together', () => {
    const long = line('x'.repeat(9000));
    expect(readAnnotations([long, line('a'), long, line('b')].join('\n')).map(({ path }) => path)).toEqual([
      'x'.repeat(9000),
      'a',
      'b',
    ]);
    expect(readAnnotations(line('x'.repeat(17_000)))).toEqual([]);
  });

  it('has those in lines of their own, whatever these end with', () => {
    const message = `Subject\n\n \t${line('a')} \r\ntext kpt:\n${line('b\u2028c')}`;
    expect(readAnnotations(message).map(({ path }) => path)).toEqual(['a', 'b\u2028c']);
  });
});

describe('the author of a commit', () => {
  const user = { name: 'alice', groups: [systemAuthenticated] };

  it('is the one the Repository asks for, else the user, else the server', () => {
    expect(commitAuthor({ author: 'Bot', email: 'bot@x' }, user)).toEqual({ name: 'Bot', email: 'bot@x' });
    expect(commitAuthor({ email: 'bot@x' }, user)).toEqual({ name: 'bot@x', email: 'bot@x' });
    expect(commitAuthor({ author: 'Bot' }, user)).toEqual({ name: 'Bot', email: '' });
    expect(commitAuthor({ author: '', email: '' }, user)).toEqual({ name: 'alice', email: 'alice' });
    expect(commitAuthor(undefined, { name: 'system:anonymous', groups: [] })).toEqual(committer);
    expect(commitAuthor(undefined, undefined)).toEqual(committer);
  });

  it('cannot break out of its line', () => {
    const name = 'a <b>\ncommitter x';
    expect(commitAuthor(undefined, { ...user, name })).toEqual({ name: 'a bcommitter x', email: 'a bcommitter x' });
  });
});
