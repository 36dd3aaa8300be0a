/**
 * Calls to us, from the wire to the handler and back.
 *
 * Whoever may talk to us can send what he likes, as fast as he can, and read nothing of what we
 * answer. So everything has a limit: calls in work (workload.ts), the length of a call
 * (message.ts), the length of an answer, and the bytes that wait until the bus takes them.
 */
import type { Outlet } from './connection.ts';
import type { Decoded } from './decode.ts';
import { type Draft, encodeMessage } from './encode.ts';
import { flagInteractive, flagNoReply, messageType, type WireMessage } from './message.ts';
import { callError, type ServiceHandlers, type ServiceReply } from './serving.ts';
import { Malformed } from './signature.ts';
import { Turns } from './turns.ts';
import type { Workload } from './workload.ts';

/** A longer answer is refused with LimitsExceeded; the system bus takes messages up to 32 MiB. */
export const replyBytesMax = 4 * 1024 * 1024;
/**
 * Not yet taken by the bus. Beyond it answers are thrown away, and a signal ends the connection:
 * its readers must not miss one, so they get everything anew.
 */
export const outgoingBytesMax = 8 * 1024 * 1024;
const draftOf = (to: WireMessage, reply: ServiceReply): Draft => ({
  ...(reply.type === 'return'
    ? { type: messageType.return, signature: reply.signature, body: reply.body }
    : { type: messageType.error, errorName: reply.name, signature: 's', body: [reply.message] }),
  flags: flagNoReply,
  // Nobody answers it, so it need not be told apart from our calls.
  serial: 0xffff_ffff,
  replySerial: to.serial,
  destination: to.sender,
});

const refusing = (name: string, message: string): ServiceReply => ({
  type: 'error',
  name,
  message,
});

/** The answer's bytes, or those of the error in its place. */
function encodeReply(to: WireMessage, reply: ServiceReply, onBug: (e: unknown) => void): Buffer {
  try {
    const bytes = encodeMessage(draftOf(to, reply));
    if (bytes.length <= replyBytesMax) return bytes;
    const message = `the answer has ${bytes.length} bytes, more than ${replyBytesMax}: ask for less`;
    return encodeMessage(draftOf(to, refusing(callError.limits, message)));
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    onBug(error);
    return encodeMessage(draftOf(to, refusing(callError.failed, 'the answer cannot be sent')));
  }
}

function sendReply(
  outlet: Outlet,
  to: WireMessage,
  reply: ServiceReply,
  onBug: (error: unknown) => void,
): void {
  if ((to.flags & flagNoReply) !== 0) return;
  const bytes = encodeReply(to, reply, onBug);
  if (outlet.waiting() + bytes.length <= outgoingBytesMax) outlet.write(bytes);
}

/** Why a call is not even looked at. */
function refuseCall(decoded: Decoded): ServiceReply | undefined {
  if (decoded.type === 'malformed') return refusing(callError.arguments, decoded.why);
  if (decoded.type === 'oversized') return refusing(callError.limits, 'the call is too long');
  return undefined;
}

const tooMany = refusing(callError.limits, 'too many calls are in work already');
const mistaken = refusing(callError.failed, 'tocsin has made a mistake; its log says more');

/** Takes calls: those that are broken, too long or too many are refused at once. */
export function createReception({ onBug, onCall }: ServiceHandlers, workload: Workload) {
  const turns = new Turns();

  async function work(message: WireMessage, gone: AbortSignal): Promise<ServiceReply> {
    const { sender, path, interface: name, member, signature, body, flags } = message;
    const isInteractive = (flags & flagInteractive) !== 0;
    const call = { sender, path, interface: name, member, signature, body, isInteractive, gone };
    try {
      return await onCall(call);
    } catch (error) {
      onBug(error);
      return mistaken;
    }
  }

  return (decoded: Decoded, outlet: Outlet): void => {
    const { message } = decoded;
    const answer = (reply: ServiceReply): void => sendReply(outlet, message, reply, onBug);
    const refused = refuseCall(decoded);
    const gone = refused === undefined ? workload.take(message.sender) : undefined;
    if (gone === undefined) answer(refused ?? tooMany);
    else
      turns.add(() => {
        void work(message, gone).then((reply) => {
          workload.finish(message.sender);
          if (!gone.aborted) answer(reply);
        });
      });
  };
}
