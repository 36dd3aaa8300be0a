/** Writes a tar archive (POSIX ustar, IEEE 1003.1 "pax"): plain files with short names. */

export interface ArchiveFile {
  /** ASCII, at most 100 characters. */
  readonly name: string;
  readonly text: string;
}

const blockBytes = 512;
const nameBytesMax = 100;

/** A number as the header has it: octal digits, ended by a NUL. */
const octal = (value: number, width: number): string =>
  `${Math.floor(value)
    .toString(8)
    .padStart(width - 1, '0')}\0`;

function headerOf(name: string, size: number, modifiedSeconds: number): Buffer {
  if (Buffer.byteLength(name) > nameBytesMax) throw new Error(`${name} is too long for a name`);
  const header = Buffer.alloc(blockBytes);
  const put = (text: string, offset: number): void => void header.write(text, offset, 'latin1');
  put(name, 0);
  // For the owner alone, whoever that is where it is unpacked.
  put(octal(0o600, 8), 100);
  put(octal(0, 8), 108);
  put(octal(0, 8), 116);
  put(octal(size, 12), 124);
  put(octal(modifiedSeconds, 12), 136);
  // The sum is made as if its own place held blanks.
  put(' '.repeat(8), 148);
  put('0', 156);
  put('ustar\u000000', 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  put(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return header;
}

const paddingOf = (size: number): Buffer =>
  Buffer.alloc((blockBytes - (size % blockBytes)) % blockBytes);

export function packTar(files: readonly ArchiveFile[], modifiedSeconds: number): Buffer {
  const parts = files.flatMap(({ name, text }) => {
    const bytes = Buffer.from(text);
    return [headerOf(name, bytes.length, modifiedSeconds), bytes, paddingOf(bytes.length)];
  });
  return Buffer.concat([...parts, Buffer.alloc(2 * blockBytes)]);
}
