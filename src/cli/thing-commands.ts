/** The commands about what an appliance is made of: one noun for each source. */
import type { Command } from './command.ts';
import { listScst } from './commands/scst.ts';
import { listThings, type Screens, showThing } from './commands/things.ts';
import { scstScreens, storageScreens, tapeScreens, vtlScreens } from './screens.ts';

const kindsOf = (screens: Screens): readonly string[] =>
  Object.values(screens).map(({ kind }) => kind);

/** `NOUN list [WHAT]` and `NOUN show ID` for a part of the appliance. */
const commandsOf = (
  noun: string,
  words: readonly string[],
  of: {
    readonly list: Command['run'];
    readonly kinds: readonly string[];
    readonly summary: string;
  },
): readonly Command[] => [
  {
    name: `${noun} list`,
    isDefault: true,
    arguments: `[${words.join(' | ')}]`,
    count: [0, 1],
    options: [],
    summary: of.summary,
    operations: ['resource.list', 'topology.show'],
    words,
    run: of.list,
  },
  {
    name: `${noun} show`,
    arguments: 'ID',
    count: [1, 1],
    options: [],
    summary:
      'All that is known of one, its alerts, its latest events, and who loses it if it dies.',
    operations: ['resource.list', 'alert.list', 'event.list', 'topology.show'],
    run: showThing(noun, of.kinds),
  },
];

export const thingCommands: readonly Command[] = [
  ...commandsOf('scst', ['exports', ...Object.keys(scstScreens)], {
    list: listScst,
    kinds: [...kindsOf(scstScreens), 'scst.lun', 'scst.driver', 'scst.group', 'scst.core'],
    summary:
      'What SCST exports: each device with the initiators that lose it if it dies; or targets, sessions, devices.',
  }),
  ...commandsOf('tape', Object.keys(tapeScreens), {
    list: listThings(tapeScreens),
    kinds: kindsOf(tapeScreens),
    summary: 'Tape drives with what is in them and what they complain of; or changers.',
  }),
  ...commandsOf('vtl', Object.keys(vtlScreens), {
    list: listThings(vtlScreens),
    kinds: [...kindsOf(vtlScreens), 'vtl.core'],
    summary: 'Virtual tape libraries with their daemons and tapes; or their drives.',
  }),
  ...commandsOf('storage', Object.keys(storageScreens), {
    list: listThings(storageScreens),
    kinds: kindsOf(storageScreens),
    summary: 'Repositories and file systems with their room; or pools, or disks.',
  }),
];
