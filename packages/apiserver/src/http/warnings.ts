/** Collects the texts that become `Warning: 299` headers of one answer. */
export interface Warnings {
  add(text: string): void;
  /**
   * Header values, in the order they came; repeated texts once. When together they are longer than 4 KiB, all of them are cut to 256
   * characters, and what is still beyond is left out: clients refuse answers whose headers are longer than they expect.
   */
  headers(): string[];
}

const maxTotal = 4096;
const maxEach = 256;

function headerValue(text: string): string {
  const printable = text.replace(/[\p{Cc}]+/gu, ' ').replace(/["\\]/g, (c) => `\\${c}`);
  // Header values are sent byte by byte from the lower eight bits of each character; this makes them UTF-8.
  return `299 - "${Buffer.from(printable, 'utf8').toString('latin1')}"`;
}

/** An empty collection. */
export function createWarnings(): Warnings {
  const texts = new Set<string>();
  return {
    add(text) {
      if (text !== '') texts.add(text);
    },
    headers() {
      const total = [...texts].reduce((sum, text) => sum + Buffer.byteLength(text), 0);
      const cut = total > maxTotal;
      const values: string[] = [];
      let used = 0;
      for (const text of texts) {
        const shown = cut ? [...text].slice(0, maxEach).join('') : text;
        used += Buffer.byteLength(shown);
        if (used > maxTotal) break;
        values.push(headerValue(shown));
      }
      return values;
    },
  };
}
