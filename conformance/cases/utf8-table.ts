import { Buffer } from 'node:buffer';
const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i);

const hexOf = (bytes: number[]): string => Buffer.from(bytes).toString('hex');

const withSpaces = (from: number, to: number): string =>
  range(from, to)
    .map((byte) => `${hexOf([byte])}20`)
    .join('');

const missingLast = [
  'c0',
  'e080',
  'f08080',
  'f8808080',
  'fc80808080',
  'df',
  'efbf',
  'f7bfbf',
  'fbbfbfbf',
  'fdbfbfbfbf',
];

const nonCharacters = range(0, 16).flatMap((plane) =>
  [0xfffe, 0xffff].map((low) =>
    Buffer.from(String.fromCodePoint(plane * 0x1_0000 + low)).toString('hex'),
  ),
);

const invalid = (...payloads: string[]): string[] => payloads.map((hex) => `!${hex}`);

/** The texts of 6.5 to 6.23 in hex, by subgroup; `!` marks what is not UTF-8 (RFC 3629). */
export const utf8Table: readonly (readonly [theme: string, payloads: readonly string[]])[] = [
  [
    'valid sequences',
    [
      '68656c6c6f24776f726c64',
      '68656c6c6fc2a2776f726c64',
      '68656c6c6fe282ac776f726c64',
      '68656c6c6ff0a4ada2776f726c64',
      'cebae1bdb9cf83cebcceb5',
    ],
  ],
  [
    'prefixes of a valid text',
    [
      '!ce',
      'ceba',
      '!cebae1',
      '!cebae1bd',
      'cebae1bdb9',
      '!cebae1bdb9cf',
      'cebae1bdb9cf83',
      '!cebae1bdb9cf83ce',
      'cebae1bdb9cf83cebc',
      '!cebae1bdb9cf83cebcce',
      'cebae1bdb9cf83cebcceb5',
    ],
  ],
  ['first sequence of a length', ['00', 'c280', 'e0a080', 'f0908080']],
  ['first sequence of 5 and 6 bytes', invalid('f888808080', 'fc8480808080')],
  ['last sequence of a length', ['7f', 'dfbf', 'efbfbf', 'f48fbfbf']],
  ['last sequence of 4, 5 and 6 bytes', invalid('f7bfbfbf', 'fbbfbfbfbf', 'fdbfbfbfbfbf')],
  ['other boundaries', ['ed9fbf', 'ee8080', 'efbfbd', 'f48fbfbf', '!f4908080']],
  [
    'unexpected continuation bytes',
    invalid(
      '80',
      'bf',
      '80bf',
      '80bf80',
      '80bf80bf',
      '80bf80bf80',
      '80bf80bf80bf',
      hexOf(range(0x80, 0xbe)),
    ),
  ],
  [
    'lonely start bytes',
    invalid(
      withSpaces(0xc0, 0xde),
      withSpaces(0xe0, 0xee),
      withSpaces(0xf0, 0xf6),
      withSpaces(0xf8, 0xfa),
      withSpaces(0xfc, 0xfc),
    ),
  ],
  ['last continuation byte missing', invalid(...missingLast)],
  ['incomplete sequences in a row', invalid(missingLast.join(''))],
  ['impossible bytes', invalid('fe', 'ff', 'fefeffff')],
  ['overlong slash', invalid('c0af', 'e080af', 'f08080af', 'f8808080af', 'fc80808080af')],
  [
    'largest overlong sequences',
    invalid('c1bf', 'e09fbf', 'f08fbfbf', 'f887bfbfbf', 'fc83bfbfbfbf'),
  ],
  ['overlong NUL', invalid('c080', 'e08080', 'f0808080', 'f880808080', 'fc8080808080')],
  [
    'single surrogates',
    invalid('eda080', 'edadbf', 'edae80', 'edafbf', 'edb080', 'edbe80', 'edbfbf'),
  ],
  [
    'paired surrogates',
    invalid(
      'eda080edb080',
      'eda080edbfbf',
      'edadbfedb080',
      'edadbfedbfbf',
      'edae80edb080',
      'edae80edbfbf',
      'edafbfedb080',
      'edafbfedbfbf',
    ),
  ],
  ['non-characters', nonCharacters],
  ['specials', ['efbfb9', 'efbfba', 'efbfbb', 'efbfbc', 'efbfbd', 'efbfbe', 'efbfbf']],
];
