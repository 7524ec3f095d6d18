import { ProgramEndedError, type ProgramRunner } from '@porch/kpt';
import { type GitProcesses, OutputTooLargeError, ProcessLostError, ProcessTimeoutError } from './git-processes.ts';

/** Lets a program have so much data, in KiB: `$1` is the limit, what follows the program and its arguments. */
const limitedProgram = 'ulimit -d "$1" && ulimit -c 0 && shift && exec "$@"';

/**
 * Runs programs as the broker runs git: started by the small process, each in a group of its own, and ended with the server. Memory is
 * limited for each process by what it may write to (`RLIMIT_DATA`), so that address space which is only reserved does not count.
 */
export function brokerPrograms(processes: Pick<GitProcesses, 'run'>): ProgramRunner {
  return {
    async run({ file, args, environment, input, timeoutMs, outputBytes, memoryBytes, signal }) {
      const limited =
        memoryBytes === undefined
          ? { file, args }
          : {
              file: '/bin/sh',
              args: ['-c', limitedProgram, file, String(Math.ceil(memoryBytes / 1024)), file, ...args],
            };
      try {
        return await processes.run({
          program: { file: limited.file, environment },
          args: limited.args,
          cwd: '/',
          input,
          timeoutMs,
          maxOutputBytes: outputBytes,
          signal,
        });
      } catch (error) {
        if (error instanceof ProcessTimeoutError) throw new ProgramEndedError('time', error.message, { cause: error });
        if (error instanceof OutputTooLargeError)
          throw new ProgramEndedError('output', error.message, { cause: error });
        if (error instanceof ProcessLostError) throw new ProgramEndedError('start', error.reason, { cause: error });
        throw error;
      }
    },
  };
}
