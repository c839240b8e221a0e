const knownVersions: readonly number[] = [13, 8, 7, 6, 5, 4, 0];

/** The versions of the protocol this library speaks. */
export const supportedVersions: readonly number[] = Object.freeze([13]);

/** The version this library speaks and asks for (RFC 6455 §4.1). */
export function currentVersion(): number {
  return 13;
}

/** A Sec-WebSocket-Version that names a published version, 0, 4–8 or 13; else undefined. */
export function parseVersion(text: string): number | undefined {
  return knownVersions.find((version) => String(version) === text);
}

/** The known versions of a Sec-WebSocket-Version list, newest first (RFC 6455 §4.4). */
export function parseVersions(list: string): number[] {
  const versions = new Set(list.split(',').map((item) => parseVersion(item.trim())));
  return knownVersions.filter((version) => versions.has(version));
}
