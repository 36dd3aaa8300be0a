/** The kind of a session: one initiator at one target. */
import { counter, defineKind, flag, gauge, instant, word } from '../../domain/kind.ts';

/** Facts that both events of a session carry. */
const sessionFacts = {
  initiator: word({ help: 'The initiator.', source: 'initiator_name' }),
  target: word({ help: 'DRIVER/TARGET.', source: 'targets/DRIVER/TARGET' }),
  address: word({ help: 'Address of the initiator.', source: 'sessions/*/IP/ip' }),
};

const sum = 'sessions/*, added up';

export const scstSession = defineKind('scst.session', {
  title: 'SCST session',
  identity: 'DRIVER/TARGET/INITIATOR',
  attributes: {
    initiator: word({ help: 'Name of the initiator.', source: 'sessions/*/initiator_name' }),
    target: word({
      help: 'DRIVER/TARGET.',
      source: 'targets/DRIVER/TARGET',
      refersTo: { kind: 'scst.target', relation: 'carries' },
    }),
    driver: word({ help: 'Driver of the target.', source: 'targets/DRIVER' }),
    group: word({ help: 'Group whose LUNs it sees; null: the default ones.', source: 'luns ->' }),
    lunSet: word({
      help: 'DRIVER/TARGET[/GROUP]: the set of LUNs that it sees.',
      source: 'luns ->',
      refersTo: { kind: 'scst.lun', by: 'set', relation: 'serves' },
    }),
    present: flag({
      help: 'It is open. One that ended is kept for 7 days, or until it is back.',
      source: 'sessions/*',
    }),
    sessions: gauge({
      help: 'Open sessions of this initiator; 2 or more while an old one does not go.',
      source: 'sessions/*/initiator_name',
      unit: 'sessions',
    }),
    firstSeenAt: instant({ help: 'When it was first seen.', source: 'initiator_name' }),
    lostAt: instant({ help: 'When it ended; null while it is open.', source: 'sessions/*' }),
    regular: flag({
      help: 'It was open an hour or longer, so that its end means something.',
      source: 'firstSeenAt, lostAt',
    }),
    closes: counter({
      help: 'How often it ended since tocsin began to look.',
      source: 'sessions/*, sid',
      unit: 'closes',
    }),
    activeCommands: gauge({
      help: 'Commands in work, as SCST counts them for the session (a queued read).',
      source: 'sessions/*/active_commands',
      unit: 'commands',
    }),
    lunCommands: gauge({
      help: 'Commands in work, added up over its LUNs.',
      source: 'sessions/*/lunN/active_commands',
      unit: 'commands',
    }),
    stalledSince: instant({
      help: 'Since when commands are in work while no counter of the session moves.',
      source: 'lunN/active_commands, *_cmd_count, *_io_count_kb',
    }),
    stalledDevice: word({ help: 'Device of the first LUN that has them.', source: 'lunN, luns/N' }),
    stalledTape: flag({
      help: 'That device is a tape or a changer, whose commands may take minutes.',
      source: 'devices/*/type',
    }),
    closingSince: instant({
      help: 'Since when one of its connections is closing or being reinstated.',
      source: 'sessions/*/IP/state, reinstating',
    }),
    connections: gauge({ help: 'Connections.', source: 'sessions/*/IP', unit: 'connections' }),
    address: word({ help: 'Address of the initiator.', source: 'sessions/*/IP/ip' }),
    readCommands: counter({ help: 'Read commands.', source: sum, unit: 'commands' }),
    writeCommands: counter({ help: 'Write commands.', source: sum, unit: 'commands' }),
    readBytes: counter({ help: 'Bytes read.', source: sum, unit: 'bytes' }),
    writeBytes: counter({ help: 'Bytes written.', source: sum, unit: 'bytes' }),
  },
  events: {
    opened: { help: 'An initiator logged in.', attributes: sessionFacts },
    closed: { help: 'A session ended.', attributes: sessionFacts },
  },
});
