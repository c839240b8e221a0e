/** Byte sequences that are not UTF-8, as hex: overlong, surrogates, too large, cut short, stray. */
export const invalidUtf8: readonly string[] = [
  'cebae1bdb9cf83cebcceb5eda080656469746564',
  'cebae1bdb9cf83cebcceb5f4908080656469746564',
  'ce',
  'cebae1',
  'f888808080',
  'f7bfbfbf',
  '80',
  '80bf',
  'c0',
  'e080',
  'efbf',
  'fe',
  'ff',
  'c0af',
  'e080af',
  'f08fbfbf',
  'c080',
  'eda080',
  'edbfbf',
  'eda080edb080',
];

/** The 34 code points that Unicode reserves for no character; valid UTF-8 all the same. */
export const nonCharacters: readonly string[] = Array.from({ length: 17 }, (_, plane) => [
  String.fromCodePoint(plane * 0x1_0000 + 0xfffe),
  String.fromCodePoint(plane * 0x1_0000 + 0xffff),
]).flat();
