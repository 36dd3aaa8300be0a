/**
 * What of the kernel's FUSE protocol a file system of a few names needs: include/uapi/linux/fuse.h,
 * version 7.31. Numbers are little-endian, as on every machine that we run on.
 */

export const opcode = {
  lookup: 1,
  forget: 2,
  getattr: 3,
  open: 14,
  read: 15,
  statfs: 17,
  release: 18,
  flush: 25,
  init: 26,
  opendir: 27,
  readdir: 28,
  releasedir: 29,
  interrupt: 36,
  destroy: 38,
  batchForget: 42,
} as const;

/** errno(3) on Linux. */
export const errno = { EIO: 5, EINTR: 4, ENOENT: 2, ENODEV: 19, ENOSYS: 38 } as const;

export interface Request {
  readonly opcode: number;
  readonly unique: bigint;
  readonly node: number;
  /** Of the process that asks. */
  readonly pid: number;
  readonly body: Buffer;
}

const requestHeadBytes = 40;
const replyHeadBytes = 16;
/** The kernel refuses to hand out requests into less than 8 KiB; ours are no longer than this. */
export const requestBytesMax = 64 * 1024;

export const decodeRequest = (bytes: Buffer): Request => ({
  opcode: bytes.readUInt32LE(4),
  unique: bytes.readBigUInt64LE(8),
  node: Number(bytes.readBigUInt64LE(16)),
  pid: bytes.readUInt32LE(32),
  body: Buffer.from(bytes.subarray(requestHeadBytes)),
});

/** `error` is 0 or an errno. */
export function encodeReply(unique: bigint, error: number, body: Uint8Array): Buffer {
  const head = Buffer.alloc(replyHeadBytes);
  head.writeUInt32LE(replyHeadBytes + body.length, 0);
  head.writeInt32LE(-error, 4);
  head.writeBigUInt64LE(unique, 8);
  return Buffer.concat([head, body]);
}

export function encodeInit(): Buffer {
  const body = Buffer.alloc(64);
  body.writeUInt32LE(7, 0);
  body.writeUInt32LE(31, 4);
  // max_background, congestion_threshold, max_write, time_gran
  body.writeUInt16LE(16, 16);
  body.writeUInt16LE(12, 18);
  body.writeUInt32LE(4096, 20);
  body.writeUInt32LE(1, 24);
  return body;
}

export interface NodeFacts {
  readonly node: number;
  /** Of a file; null for a folder. */
  readonly sizeBytes: number | null;
}

const modeFolder = 0o040755;
const modeFile = 0o100644;

function attributesOf({ node, sizeBytes }: NodeFacts): Buffer {
  const body = Buffer.alloc(88);
  body.writeBigUInt64LE(BigInt(node), 0);
  body.writeBigUInt64LE(BigInt(sizeBytes ?? 0), 8);
  body.writeUInt32LE(sizeBytes === null ? modeFolder : modeFile, 60);
  body.writeUInt32LE(1, 64);
  return body;
}

/** Nothing is kept by the kernel: each look asks again. */
export const encodeAttributes = (facts: NodeFacts): Buffer =>
  Buffer.concat([Buffer.alloc(16), attributesOf(facts)]);

export function encodeEntry(facts: NodeFacts): Buffer {
  const head = Buffer.alloc(40);
  head.writeBigUInt64LE(BigInt(facts.node), 0);
  return Buffer.concat([head, attributesOf(facts)]);
}

/** FOPEN_DIRECT_IO: each read comes to us, and one that waits cannot be ended by a signal. */
export function encodeOpen(): Buffer {
  const body = Buffer.alloc(16);
  body.writeUInt32LE(1, 8);
  return body;
}

export interface Space {
  readonly blocks: number;
  readonly free: number;
  readonly available: number;
  readonly blockBytes: number;
  readonly inodes: number;
  readonly inodesFree: number;
}

export function encodeStatfs(space: Space): Buffer {
  const body = Buffer.alloc(80);
  const { blocks, free, available, inodes, inodesFree, blockBytes } = space;
  for (const [i, n] of [blocks, free, available, inodes, inodesFree].entries())
    body.writeBigUInt64LE(BigInt(n), 8 * i);
  body.writeUInt32LE(blockBytes, 40);
  body.writeUInt32LE(255, 44);
  body.writeUInt32LE(blockBytes, 48);
  return body;
}
