/** Whole numbers in as few bytes as they need: seven bits a byte, the lowest first (LEB128). */

/** Numbers up to 2^53 take eight bytes. */
const bytesOfNumberMax = 8;

/** A growing piece of bytes. Reused: `take` copies what was written and begins anew. */
export class ByteWriter {
  #bytes = Buffer.allocUnsafe(4096);
  #end = 0;

  /** A whole number from 0 to 2^53. Without bit operators, which know 32 bits only. */
  varint(value: number): void {
    this.#reserve(bytesOfNumberMax);
    let rest = value;
    while (rest >= 128) {
      this.#bytes[this.#end++] = (rest % 128) + 128;
      rest = Math.floor(rest / 128);
    }
    this.#bytes[this.#end++] = rest;
  }

  uint16(value: number): void {
    this.#reserve(2);
    this.#end = this.#bytes.writeUInt16LE(value, this.#end);
  }

  double(value: number): void {
    this.#reserve(8);
    this.#end = this.#bytes.writeDoubleLE(value, this.#end);
  }

  take(): Buffer {
    const taken = Buffer.from(this.#bytes.subarray(0, this.#end));
    this.#end = 0;
    return taken;
  }

  #reserve(count: number): void {
    if (this.#end + count <= this.#bytes.length) return;
    this.#bytes = Buffer.concat([this.#bytes], this.#bytes.length * 2);
  }
}

/** The bytes end too early, or hold what no writer writes. */
export class BytesWrong extends Error {
  override readonly name = 'BytesWrong';
}

export class ByteReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  varint(): number {
    let value = 0;
    for (let unit = 1, i = 0; i < bytesOfNumberMax; unit *= 128, i++) {
      const byte = this.#bytes[this.#at++];
      if (byte === undefined) throw new BytesWrong('the bytes end within a number');
      value += (byte % 128) * unit;
      if (byte < 128) return value;
    }
    throw new BytesWrong('a number is longer than any we write');
  }

  uint16(): number {
    return this.#bytes.readUInt16LE(this.#skip(2));
  }

  double(): number {
    return this.#bytes.readDoubleLE(this.#skip(8));
  }

  #skip(count: number): number {
    const at = this.#at;
    if (at + count > this.#bytes.length) throw new BytesWrong('the bytes end within a value');
    this.#at += count;
    return at;
  }
}
