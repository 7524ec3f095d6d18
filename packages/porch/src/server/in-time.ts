/** Waits for work that may take long; calls `late`, which is to bring it to an end, when that is not over in so many milliseconds. */
export async function inTime(ms: number, late: () => void, work: () => Promise<void>): Promise<void> {
  const timer = setTimeout(late, ms);
  try {
    await work();
  } finally {
    clearTimeout(timer);
  }
}
