/** A process that serves a folder of bare repositories over smart HTTP. */
import { startGitServer } from '../../e2e/harness/git-server.ts';
import { childReady, childSettings } from './child.ts';

/** Settings: the folder. */
export interface GitServerSettings {
  readonly root: string;
}

/** What it says when it is ready. */
export interface GitServerReady {
  readonly port: number;
}

const server = await startGitServer(childSettings<GitServerSettings>());
childReady({ port: server.port } satisfies GitServerReady, () => server.close());
