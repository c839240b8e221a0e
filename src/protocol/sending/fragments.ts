import { ProtocolError, WebSocketError } from '../errors.ts';
import { Opcode } from '../opcode.ts';
import { Utf8Validator } from '../receiving/utf8.ts';

const nothing = new Uint8Array(0);

/** A message that is being sent in fragments (RFC 6455 §5.4). */
export class FragmentedMessage {
  readonly #type: number;
  readonly #utf8 = new Utf8Validator();
  #begun = false;
  /** The first half of a surrogate pair whose other half is in the next fragment. */
  #half = '';
  /** Whether its fragments are compressed: one choice for the whole message (RFC 7692 §6.1). */
  readonly compress: boolean;

  constructor(type: number, compress: boolean) {
    this.#type = type;
    this.compress = compress;
  }

  /** Throws when a fragment is of the other type than the message. */
  check(payload: Uint8Array | string): void {
    if (typeof payload === 'string' ? this.#type === Opcode.Text : this.#type !== Opcode.Text)
      return;
    throw new WebSocketError('ERR_MESSAGE_UNFINISHED', 'a message of the other type is unfinished');
  }

  /** The opcode of the next fragment's frame. */
  nextOpcode(): number {
    if (this.#begun) return Opcode.Continuation;
    this.#begun = true;
    return this.#type;
  }

  /** What of a fragment can be sent now: bytes of text are checked, half a character waits. */
  payload(piece: Uint8Array | string, fin: boolean): Uint8Array | string {
    if (typeof piece !== 'string') {
      if (this.#type === Opcode.Text) this.#checkText(piece, fin);
      return piece;
    }
    // Bytes that came before must not end inside a character.
    this.#checkText(nothing, true);
    const text = this.#half + piece;
    const last = text.charCodeAt(text.length - 1);
    this.#half = !fin && last >= 0xd800 && last <= 0xdbff ? text.slice(-1) : '';
    return this.#half === '' ? text : text.slice(0, -1);
  }

  #checkText(piece: Uint8Array, fin: boolean): void {
    try {
      if (piece.length > 0 && this.#half !== '') throw new ProtocolError('INVALID_UTF8');
      this.#utf8.push(piece, 0, piece.length);
      if (fin) this.#utf8.finish();
    } catch (error) {
      throw new TypeError('the bytes of a text message must be valid UTF-8', { cause: error });
    }
  }
}
