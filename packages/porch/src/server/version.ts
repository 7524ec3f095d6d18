import packageJson from '../../package.json' with { type: 'json' };

/** Version of this server, `0.1.0`. */
export const serverVersion: string = packageJson.version;
