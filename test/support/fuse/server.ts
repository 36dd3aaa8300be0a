/**
 * A file system in a process of its own, started by fuse.ts: a few names, and faults that a test
 * asks for. It speaks with the kernel over /dev/fuse and needs nothing but mount(8).
 *
 * When the test is gone, however it ended, it ends what hangs, unmounts and goes too.
 */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync, read, writeSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import type { Fault, Operation, Order, Plan, Told } from './messages.ts';
import {
  decodeRequest,
  encodeAttributes,
  encodeEntry,
  encodeInit,
  encodeOpen,
  encodeReply,
  encodeStatfs,
  errno,
  type NodeFacts,
  opcode,
  type Request,
  requestBytesMax,
} from './protocol.ts';

const rootNode = 1;
const run = promisify(execFile);
const plan = JSON.parse(process.argv[2] ?? '') as Plan;
const names = Object.keys(plan.names);
const device = openSync('/dev/fuse', 'r+');
const faults = new Map<string, Fault>();
const held = new Map<bigint, { readonly request: Request; readonly operation: Operation }>();

const tell = (told: Told): void => void (process.connected && process.send?.(told));
const nameOf = (node: number): string => names[node - rootNode - 1] ?? '/';
const contentOf = (node: number): string | null => plan.names[nameOf(node)] ?? null;
const faultOf = (node: number, operation: Operation): Fault =>
  faults.get(`${operation} ${nameOf(node)}`) ?? 'none';

function factsOf(node: number): NodeFacts {
  const content = contentOf(node);
  return { node, sizeBytes: content === null ? null : Buffer.byteLength(content) };
}

function reply({ unique }: Request, error: number, body: Uint8Array = Buffer.alloc(0)): void {
  try {
    writeSync(device, encodeReply(unique, error, body));
  } catch {
    // ENOENT: whoever asked has gone; ENODEV: unmounted.
  }
}

function answerRead(request: Request): void {
  const { body, node } = request;
  const offset = Number(body.readBigUInt64LE(8));
  const bytes = Buffer.from(contentOf(node) ?? '');
  reply(request, 0, bytes.subarray(offset, offset + body.readUInt32LE(16)));
}

const answers: Readonly<Record<Operation, (request: Request) => void>> = {
  getattr: (request) => reply(request, 0, encodeAttributes(factsOf(request.node))),
  read: answerRead,
  statfs: (request) => reply(request, 0, encodeStatfs(plan.space)),
};

/** What may be faulty. */
function perform(request: Request, operation: Operation): void {
  const { node, pid, unique } = request;
  const fault = faultOf(node, operation);
  const of = { name: nameOf(node), operation, pid };
  tell({ type: 'asked', ...of });
  if (fault === 'none') answers[operation](request);
  else if (fault === 'EIO' || fault === 'ENODEV') reply(request, errno[fault]);
  else {
    held.set(unique, { request, operation });
    tell({ type: 'held', ...of });
  }
}

function letGo(unique: bigint, answer: (request: Request, operation: Operation) => void): void {
  const one = held.get(unique);
  if (one === undefined) return;
  const { request, operation } = one;
  held.delete(unique);
  answer(request, operation);
  tell({ type: 'ended', name: nameOf(request.node), operation, pid: request.pid });
}

/** The process that asked got a signal. */
function interrupt({ body }: Request): void {
  const unique = body.readBigUInt64LE(0);
  const one = held.get(unique);
  if (one === undefined || faultOf(one.request.node, one.operation) !== 'hangs') return;
  letGo(unique, (request) => reply(request, errno.EINTR));
}

function lookUp(request: Request): void {
  const name = request.body.toString('utf8', 0, request.body.indexOf(0));
  const place = names.indexOf(name);
  if (place < 0) reply(request, errno.ENOENT);
  else reply(request, 0, encodeEntry(factsOf(rootNode + 1 + place)));
}

const nothing = (): void => {};
const done = (request: Request): void => reply(request, 0);
const opened = (request: Request): void => reply(request, 0, encodeOpen());

const handlers: Readonly<Record<number, (request: Request) => void>> = {
  [opcode.init]: (request) => reply(request, 0, encodeInit()),
  [opcode.lookup]: lookUp,
  [opcode.getattr]: (request) => perform(request, 'getattr'),
  [opcode.open]: opened,
  [opcode.opendir]: opened,
  [opcode.read]: (request) => perform(request, 'read'),
  [opcode.statfs]: (request) => perform(request, 'statfs'),
  [opcode.readdir]: done,
  [opcode.release]: done,
  [opcode.releasedir]: done,
  [opcode.flush]: done,
  [opcode.destroy]: done,
  [opcode.interrupt]: interrupt,
  [opcode.forget]: nothing,
  [opcode.batchForget]: nothing,
};

const buffer = Buffer.alloc(requestBytesMax);
const readDevice = promisify(read);

/** Until it is unmounted. */
async function serve(): Promise<void> {
  for (;;) {
    try {
      const { bytesRead } = await readDevice(device, buffer, 0, buffer.length, null);
      const request = decodeRequest(buffer.subarray(0, bytesRead));
      const handle = handlers[request.opcode] ?? (() => reply(request, errno.ENOSYS));
      handle(request);
    } catch (error) {
      // ENOENT: the process that asked was killed before we read what it asked.
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'ENOENT' && code !== 'EINTR' && code !== 'EAGAIN') return;
    }
  }
}

/** By mount(8), which gets the device as its descriptor 3. -i: no helper of fuse is asked. */
async function mount(): Promise<void> {
  const options = 'fd=3,rootmode=40000,user_id=0,group_id=0,allow_other';
  const child = spawn('mount', ['-i', '-t', 'fuse.tocsin', '-o', options, 'tocsin', plan.point], {
    stdio: ['ignore', 'ignore', 'pipe', device],
  });
  const said = child.stderr === null ? '' : text(child.stderr);
  const [why, [status]] = await Promise.all([said, once(child, 'exit')]);
  if (status !== 0) throw new Error(`mount: ${why}`);
}

async function end(): Promise<void> {
  for (const unique of held.keys()) letGo(unique, (request) => reply(request, errno.EIO));
  // -f ends what still hangs, -l goes on when somebody stands in it.
  await run('umount', ['-f', '-l', '-c', plan.point]).catch(nothing);
  process.exit();
}

process.on('message', ({ name, operation, fault }: Order) => {
  faults.set(`${operation} ${name}`, fault);
  for (const [unique, one] of held) {
    if (nameOf(one.request.node) === name && one.operation === operation)
      letGo(unique, (request) => answers[operation](request));
  }
});
process.on('disconnect', () => void end());
process.on('SIGTERM', () => void end());

try {
  await mount();
  // Before, the device would refuse with EPERM.
  void serve();
  tell({ type: 'mounted' });
} catch (error) {
  tell({ type: 'refused', why: (error as Error).message });
  process.exitCode = 1;
}
