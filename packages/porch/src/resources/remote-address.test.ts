import { expect, test } from 'vitest';
import { remoteAddress } from './remote-address.ts';

test.each([
  'https://Git.Example.com/Team/Blueprints.git',
  'https://git.example.com:443/team/blueprints',
  'http://git.example.com/team/blueprints/',
  'https://user:secret@git.example.com/team/blueprints.git',
  'ssh://git@git.example.com/team/blueprints.git',
  'ssh://git@git.example.com:22/team/blueprints.git',
  'git@git.example.com:team/blueprints.git',
  'git@git.example.com:/team/blueprints',
  'git://git.example.com:9418/team/blueprints.git',
])('%s is one of the addresses of a repository', (text) => {
  expect(remoteAddress(text)).toBe('git.example.com/team/blueprints');
});

test.each([
  ['https://git.example.com:8443/team/blueprints.git', 'git.example.com:8443/team/blueprints'],
  ['https://git.example.com/team/other', 'git.example.com/team/other'],
  ['/srv/git/blueprints.git', '/srv/git/blueprints'],
  ['file:///srv/git/blueprints.git', '/srv/git/blueprints'],
  ['no address', undefined],
  ['', undefined],
])('%s is another', (text, expected) => {
  expect(remoteAddress(text)).toBe(expected);
});
