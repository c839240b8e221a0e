let known: number | undefined;

/** How many files and sockets this process may have open; looked up once, Infinity if nobody says. */
export function descriptorLimit(): number {
  known ??= limitFromProc(readProcLimits()) ?? limitFromReport(readReport()) ?? Infinity;
  return known;
}

/** The share of the descriptors that connections get where nothing else is said: 90 %. */
export function defaultMaxConnections(descriptors = descriptorLimit()): number {
  return descriptors === Infinity ? Infinity : Math.max(1, Math.floor(descriptors * 0.9));
}

/** The soft limit in the text of /proc/self/limits. */
export function limitFromProc(text: string): number | undefined {
  const [, limit] = /^Max open files +(\d+|unlimited)/m.exec(text) ?? [];
  return limit === undefined ? undefined : asNumber(limit);
}

/** The soft limit in a diagnostic report of Node. */
export function limitFromReport(report: unknown): number | undefined {
  const { userLimits } = asObject(report);
  const { open_files: openFiles } = asObject(userLimits);
  const { soft } = asObject(openFiles);
  return typeof soft === 'number' || typeof soft === 'string' ? asNumber(soft) : undefined;
}

function asNumber(limit: number | string): number | undefined {
  if (limit === 'unlimited') return Infinity;
  const number = Number(limit);
  return Number.isSafeInteger(number) && number > 0 ? number : undefined;
}

function asObject(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function readProcLimits(): string {
  try {
    // Not imported: its getters load 0.2 MiB of heap.
    return process.getBuiltinModule('node:fs').readFileSync('/proc/self/limits', 'utf8');
  } catch {
    return '';
  }
}

function readReport(): unknown {
  return process.report?.getReport();
}
