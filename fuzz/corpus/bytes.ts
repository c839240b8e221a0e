/** Bytes from hex, in which white space says nothing. */
export function unhex(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text.replaceAll(/\s/g, ''), 'hex'));
}

/** Bytes from text, one for each character. */
export function latin1(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'latin1'));
}

/** Inputs with bytes before them that choose how a target is set up. */
export function prefixed(
  prefixes: readonly (readonly number[])[],
  inputs: readonly Uint8Array[],
): Uint8Array[] {
  return prefixes.flatMap((prefix) =>
    inputs.map((input) => Buffer.concat([unhex(''), Uint8Array.from(prefix), input])),
  );
}
