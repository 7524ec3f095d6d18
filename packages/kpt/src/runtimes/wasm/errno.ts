/** Numbers of errors: <https://github.com/WebAssembly/WASI/blob/main/legacy/preview1/docs.md#errno>. */
export const errno = { success: 0, badf: 8, inval: 28, nosys: 52, notsup: 58, spipe: 70 } as const;
