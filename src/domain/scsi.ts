/** What the SCSI standards say, for all who read what the kernel keeps of a device. Pure. */

/**
 * The text of a VPD page 80h (SPC-5, 7.7.17: unit serial number): four bytes of head with the
 * length in the last two, then ASCII. undefined for another page, and for one without a number.
 */
export function decodeSerialPage(page: Uint8Array): string | undefined {
  if (page.length < 4 || page[1] !== 0x80) return undefined;
  const length = ((page[2] ?? 0) << 8) | (page[3] ?? 0);
  // A changer of mhvtl pads with blanks and NUL, firmware that has no number fills with anything:
  // what cannot be printed is no part of a name.
  const text = [...page.subarray(4, 4 + length)]
    .map((byte) => (byte > 0x20 && byte < 0x7f ? String.fromCharCode(byte) : ' '))
    .join('')
    .trim()
    .replaceAll(/ +/g, ' ');
  return text === '' ? undefined : text;
}
