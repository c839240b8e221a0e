import { unknownOption, wrongType } from '../options/option-rules.ts';

/** How one message is sent. */
export interface SendOptions {
  /** Whether to compress it, where that was negotiated. Default: by its size. */
  readonly compress?: boolean;
  /** Given: a fragment, and whether it is the last of its message (RFC 6455 §5.4). */
  readonly fin?: boolean;
  /** What a later message with the same key may replace, by the policy `conflate`. */
  readonly key?: string;
}

/** Checks the options of one `send`; throws a TypeError that names the option. */
export function checkSendOptions(options: SendOptions): void {
  if (typeof options !== 'object' || options === null) {
    throw wrongType('options', 'an object', options);
  }
  for (const [key, value] of Object.entries(options)) {
    if (value === undefined) continue;
    if (key === 'compress' || key === 'fin') {
      if (typeof value !== 'boolean') throw wrongType(key, 'true or false', value);
    } else if (key === 'key') {
      if (typeof value !== 'string') throw wrongType(key, 'a string', value);
    } else {
      throw unknownOption('', key, ['compress', 'fin', 'key']);
    }
  }
}
