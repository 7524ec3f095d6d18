import { expect, test } from 'vitest';
import { StartupError } from '../server/startup-error.ts';
import { listenProblem } from './listen-problem.ts';

const failed = (code: string, syscall: string) => Object.assign(new Error(`${syscall} ${code}`), { code, syscall });

test.each([
  ['EADDRINUSE', 'listen', '127.0.0.1', 'cannot listen on 127.0.0.1:9443: the address is in use'],
  // As :9443 where the kernel has no IPv6.
  ['EAFNOSUPPORT', 'listen', '::', 'cannot listen on [::]:9443: this machine has no addresses of this kind'],
  ['EAI_AGAIN', 'getaddrinfo', 'porch.test', 'cannot listen on porch.test:9443: the host name cannot be looked up'],
])('%s of %s is said in words', (code, syscall, host, message) => {
  const problem = listenProblem(failed(code, syscall), { host, port: 9443 });
  expect(problem).toBeInstanceOf(StartupError);
  expect((problem as Error).message).toContain(message);
  expect((problem as Error).message).toContain('choose another one with --listen');
});

test('other errors stay what they are', () => {
  for (const error of [failed('EAI_AGAIN', 'connect'), failed('EIO', 'listen'), new Error('x'), 'text']) {
    expect(listenProblem(error, { host: '::', port: 9443 })).toBe(error);
  }
});
