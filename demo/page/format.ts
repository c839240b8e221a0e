/** A size in bytes for people: 999 B, 1.2 kB, 16.8 MB. */
export function formatSize(bytes: number): string {
  if (bytes < 1_000) return `${bytes} B`;
  if (bytes < 1_000_000) return `${(bytes / 1_000).toFixed(1)} kB`;
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}

/** A time in milliseconds for people, with two to three digits that count. */
export function formatTime(ms: number): string {
  if (ms >= 1_000) return `${(ms / 1_000).toFixed(2)} s`;
  return `${ms.toFixed(ms < 10 ? 2 : ms < 100 ? 1 : 0)} ms`;
}

/** A whole number in groups of three. */
export function formatCount(count: number): string {
  return count.toLocaleString('en');
}
