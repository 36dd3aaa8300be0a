/** From a call to its answer: object, method, types of the arguments, right, operation. */
import type { House } from '../operations/house.ts';
import { Refusal } from '../operations/refusals.ts';
import { anonymous } from '../operations/run.ts';
import type { IncomingCall, ServiceReply } from '../platform/bus/serving.ts';
import { mistaken, refusing, replyOfRefusal } from './errors.ts';
import { type Action, signatureOf } from './member.ts';
import type { Known } from './rights.ts';
import { StandardRefusal } from './standard-refusal.ts';
import type { Member, Tree } from './tree.ts';

export interface DispatchParts {
  readonly house: House;
  readonly tree: Tree;
  readonly know: (call: IncomingCall, action: Action) => Promise<Known>;
  /** Neither a refusal nor a fault of the caller. */
  readonly onBug: (error: unknown) => void;
}

/** Of one who asks for what is the same on every machine. */
const nobody: Known = { caller: anonymous, afterPassword: false };

/** Its types are compared before anything else is done with a call. */
function memberOf(tree: Tree, call: IncomingCall): Member {
  const node = tree.find(call.path);
  if (node === undefined) throw new StandardRefusal('object', `there is no object ${call.path}`);
  const member = tree.member(node, call.interface, call.member);
  const takes = signatureOf(member.spec.takes);
  if (call.signature === takes) return member;
  throw new StandardRefusal(
    'arguments',
    `${call.member} takes the types "${takes}", not "${call.signature}"`,
  );
}

export function createDispatch({ house, tree, know, onBug }: DispatchParts) {
  async function run(call: IncomingCall): Promise<ServiceReply> {
    const member = memberOf(tree, call);
    const { action } = member;
    const { caller, afterPassword } = action === undefined ? nobody : await know(call, action);
    if (call.gone.aborted) throw new StandardRefusal('failed', 'the caller has left the bus');
    try {
      const body = await member.run({ house, caller }, call.body);
      return { type: 'return', signature: signatureOf(member.spec.gives), body };
    } catch (error) {
      const isRight = error instanceof Refusal && error.code === 'not-permitted';
      if (!isRight || !afterPassword || call.isInteractive) throw error;
      throw new StandardRefusal('interactive', error.message);
    }
  }

  return async (call: IncomingCall): Promise<ServiceReply> => {
    try {
      return await run(call);
    } catch (error) {
      if (error instanceof StandardRefusal) return refusing(error.error, error.message);
      if (error instanceof Refusal) return replyOfRefusal(error);
      onBug(error);
      return mistaken();
    }
  };
}
