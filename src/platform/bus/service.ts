/** The serving side of the bus: a name of our own, calls that are answered, signals. */
import { seconds } from '../../domain/time.ts';
import { type BusLimits, busAddress, patienceOf } from '../system-bus.ts';
import { connectWire, theBus, type Wire } from './connection.ts';
import { encodeMessage } from './encode.ts';
import {
  type BusAnswer,
  type BusSignal,
  type BusValue,
  flagNoReply,
  messageType,
} from './message.ts';
import { createReception, outgoingBytesMax } from './reception.ts';
import type { BusCredentials, NameAnswer, ServiceBus, ServiceConnection } from './serving.ts';
import { Workload } from './workload.ts';

/** The bus answers within a millisecond, or stands still. */
const busAnswersWithin = seconds(5);
/** With more than this waiting, whoever sends signals waits for the bus to take them. */
const outgoingBytesReady = 256 * 1024;

const sayAnswer = (answer: Exclude<BusAnswer, { type: 'returned' }>): string => {
  if (answer.type === 'timeout') return 'the bus does not answer';
  return answer.type === 'lost' ? answer.why : answer.message || answer.name;
};

/** Who has left the bus is told by the bus alone; unicast forgeries have another sender. */
function leaverOf({ sender, interface: name, member, body }: BusSignal): string | undefined {
  if (sender !== theBus.destination || name !== theBus.interface) return undefined;
  const [who, , owner] = body;
  const left = member === 'NameOwnerChanged' && owner === '' && typeof who === 'string';
  return left ? who : undefined;
}

const leavingRule =
  `type='signal',sender='${theBus.destination}',interface='${theBus.interface}',` +
  `member='NameOwnerChanged',arg2=''`;

const numbersIn = (value: BusValue | undefined): readonly number[] =>
  Array.isArray(value) ? value.filter((one) => typeof one === 'number') : [];

function readCredentials(answer: BusAnswer): BusCredentials | undefined {
  if (answer.type !== 'returned') return undefined;
  const known = answer.body[0] as Readonly<Record<string, BusValue>>;
  const uid = known.UnixUserID;
  return typeof uid === 'number' ? { uid, groups: numbersIn(known.UnixGroupIDs) } : undefined;
}

const doNotQueue = 4;

function readName(answer: BusAnswer): NameAnswer {
  if (answer.type !== 'returned') return { type: 'refused', why: sayAnswer(answer) };
  // 1 primary owner, 4 owned already; 2 in queue and 3 exists are somebody else's.
  return { type: answer.body[0] === 1 || answer.body[0] === 4 ? 'owned' : 'taken' };
}

function serviceOn(wire: Wire): ServiceConnection {
  const { lost } = wire;
  const askBus = (member: string, signature: string, body: readonly unknown[]) =>
    wire.call({ ...theBus, member, signature, body, timeout: busAnswersWithin });
  return {
    call: (call) => wire.call(call),
    addMatch: (rule) => wire.addMatch(rule),
    lost,
    close: () => wire.lose('closed by tocsin'),
    requestName: async (name) => readName(await askBus('RequestName', 'su', [name, doNotQueue])),
    releaseName: (name) => askBus('ReleaseName', 's', [name]),
    credentialsOf: async (name) =>
      readCredentials(await askBus('GetConnectionCredentials', 's', [name])),
    emit(signal) {
      const draft = {
        ...signal,
        type: messageType.signal,
        flags: flagNoReply,
        serial: 0xffff_ffff,
      };
      const bytes = encodeMessage(draft);
      if (wire.waiting() + bytes.length <= outgoingBytesMax) wire.write(bytes);
      else wire.lose('the bus does not take what is sent to it');
    },
    async ready() {
      if (wire.waiting() > outgoingBytesReady) await wire.untilDrained();
    },
  };
}

/** Without an address: as `systemBus`. */
export function serviceBus(address?: string, limits: BusLimits = {}): ServiceBus {
  return {
    async connect(handlers) {
      const workload = new Workload();
      const receivers = {
        onCall: createReception(handlers, workload),
        onSignal(signal: BusSignal) {
          const leaver = leaverOf(signal);
          if (leaver !== undefined) workload.leave(leaver);
          handlers.onSignal(signal);
        },
      };
      const answer = await connectWire(busAddress(address), receivers, patienceOf(limits));
      if (answer.type === 'refused') return answer;
      const { wire } = answer;
      void wire.lost.then(() => workload.leaveAll());
      const watched = await wire.addMatch(leavingRule);
      if (watched.type === 'returned') return { type: 'connected', connection: serviceOn(wire) };
      wire.lose('closed by tocsin');
      return { type: 'refused', why: sayAnswer(watched) };
    },
  };
}
