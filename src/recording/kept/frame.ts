/**
 * Frames of a segment of kept readings: a head of 32 bytes, the name of a kind, and lines of JSON,
 * compressed. A frame that is not whole is where reading ends: what a crash tears is the tail.
 *
 *   0 "TK"   2 version   3 type   4 bytes of the payload   8 bytes of the kind's name
 *   12 CRC-32 of name and payload   16 begin of its time   24 end of its time (EpochMs, doubles)
 */
import { crc32, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import type { EpochMs } from '../../domain/time.ts';

/** `S`: all there was at the begin; `F`: facts as they changed; `N`: numbers, minute by minute. */
export const frameTypes = ['S', 'F', 'N'] as const;
export type FrameType = (typeof frameTypes)[number];

export interface Frame {
  readonly type: FrameType;
  /** '' for what concerns no kind. */
  readonly kind: string;
  readonly from: EpochMs;
  readonly to: EpochMs;
  /** Decompressed when it is asked for: most are passed over. */
  readonly text: () => string;
}

const version = 1;
const headBytes = 32;
const magic = 0x4b54;
/** Of one payload, as it is stored; a longer one is no frame of ours. */
const payloadBytesMax = 64 * 1024 * 1024;

export function encodeFrame(frame: Omit<Frame, 'text'>, text: string): Buffer {
  const kind = Buffer.from(frame.kind);
  const payload = zstdCompressSync(text);
  const head = Buffer.alloc(headBytes);
  head.writeUInt16LE(magic, 0);
  head.writeUInt8(version, 2);
  head.writeUInt8(frameTypes.indexOf(frame.type), 3);
  head.writeUInt32LE(payload.length, 4);
  head.writeUInt32LE(kind.length, 8);
  head.writeUInt32LE(crc32(payload, crc32(kind)), 12);
  head.writeDoubleLE(frame.from, 16);
  head.writeDoubleLE(frame.to, 24);
  return Buffer.concat([head, kind, payload]);
}

/** The frame at `offset`, and where the next one begins; undefined where there is no whole one. */
export function decodeFrame(
  bytes: Buffer,
  offset: number,
): { readonly frame: Frame; readonly next: number } | undefined {
  if (offset + headBytes > bytes.length || bytes.readUInt16LE(offset) !== magic) return undefined;
  const type = frameTypes[bytes.readUInt8(offset + 3)];
  const payloadBytes = bytes.readUInt32LE(offset + 4);
  const begin = offset + headBytes + bytes.readUInt32LE(offset + 8);
  const next = begin + payloadBytes;
  const isOurs = bytes.readUInt8(offset + 2) === version && type !== undefined;
  if (!isOurs || payloadBytes > payloadBytesMax || next > bytes.length) return undefined;
  const kind = bytes.subarray(offset + headBytes, begin);
  const payload = bytes.subarray(begin, next);
  if (crc32(payload, crc32(kind)) !== bytes.readUInt32LE(offset + 12)) return undefined;
  const frame: Frame = {
    type,
    kind: kind.toString(),
    from: bytes.readDoubleLE(offset + 16),
    to: bytes.readDoubleLE(offset + 24),
    text: () => zstdDecompressSync(payload).toString(),
  };
  return { frame, next };
}

/** All whole frames from the begin on. */
export function* readFrames(bytes: Buffer): Generator<Frame> {
  for (let found = decodeFrame(bytes, 0); found; found = decodeFrame(bytes, found.next)) {
    yield found.frame;
  }
}
