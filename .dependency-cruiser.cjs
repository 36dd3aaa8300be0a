/**
 * Who may import whom (DESIGN.md, "The floors"). Run by tools/check-dependencies.ts, which also
 * asserts that every module was seen; test/dependencies.test.ts plants violations of each rule.
 */

const ground = ['domain', 'platform', 'config'];
const middle = ['inventory', 'rules', 'store', 'history', 'recording', 'operations'];

/** Each part of src/ with the parts that it may import; itself always. */
const floors = {
  domain: [],
  platform: ['domain'],
  config: ['domain', 'platform'],
  collectors: ground,
  inventory: ['domain'],
  rules: ground,
  store: ['domain', 'platform'],
  history: ['domain', 'platform'],
  // Plays readings into the inventory and the engine: above them, below what asks for it.
  recording: ['domain', 'config', 'platform', 'inventory', 'rules'],
  operations: [...ground, 'collectors', 'inventory', 'rules', 'store', 'history', 'recording'],
  api: [...ground, ...middle],
  // The door for D-Bus clients: it shows operations, as api does.
  dbus: [...ground, ...middle],
  delivery: [...ground, ...middle],
  daemon: [...ground, ...middle, 'collectors', 'api', 'dbus', 'delivery'],
  // A program of its own for all that needs a network.
  relay: [...ground, 'delivery'],
  // Beside the tower: they ask over the API. The CLI also checks settings and rule files itself.
  cli: [...ground, 'collectors', 'inventory', 'rules', 'recording', 'operations', 'delivery'],
  ui: ['domain', 'operations'],
};

/** The npm packages that stay behind one door, with the parts that may import them. */
const packages = {
  '@marcbachmann/cel-js': ['rules'],
  'better-sqlite3': ['platform'],
  'dbus-next': ['platform'],
  hono: ['api'],
  '@hono/node-server': ['api'],
  re2js: ['rules'],
  nodemailer: ['platform'],
  ws: ['api', 'cli'],
  yaml: ['config', 'rules'],
  chokidar: ['platform'],
};

/** Built-ins that reach nothing outside the process; every other one needs a door. */
const harmless =
  '^(node:)?(assert|buffer|crypto|events|module|path|stream|string_decoder|url|util|zlib)(/|$)';
/** What may use the others: the doors, the threads of the store and the history, the CLI, the programs' first lines. */
const doors = '^src/(platform|store|history|cli)/|^src/[^/]+\\.ts$|^src/daemon/doors\\.ts$';

/** What belongs to no collector: the contract, and what several of them do alike. */
const shared = '^src/collectors/(?!registry\\.ts$)[^/]+\\.ts$';

/** Tests and what is made for them: neither ships. */
const tests = '\\.(test|fixture)\\.ts$|^src/[a-z/-]+/(testing/|fake-[a-z-]+\\.ts$)';

const rule = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });

const floorRules = Object.entries(floors).map(([part, below]) =>
  rule(
    `floor-${part}`,
    `src/${part} may import: ${below.join(', ') || 'nothing'}`,
    { path: `^src/${part}/`, pathNot: tests },
    { path: '^src/', pathNot: `^src/(${[part, ...below].join('|')})/` },
  ),
);

const packageRules = Object.entries(packages).map(([name, parts]) =>
  rule(
    `package-${name}`,
    `only ${parts.join(', ')} may import ${name}`,
    { path: '^src/', pathNot: `${tests}|^src/(${parts.join('|')})/` },
    { path: `(^|node_modules/)${name}(/|$)` },
  ),
);

const otherRules = [
  rule('no-cycle', 'Two files that need each other are one, or three.', {}, { circular: true }),
  rule('no-lost-import', 'The file is not there.', {}, { couldNotResolve: true }),
  rule(
    'doors',
    'Files, sockets, processes and timers are reached through src/platform. Types may be named.',
    { path: '^src/', pathNot: `${tests}|${doors}` },
    { pathNot: harmless, dependencyTypes: ['core'], dependencyTypesNot: ['type-only'] },
  ),
  rule(
    'ports-only',
    'Collectors and rules get their ports handed; of platform and config they may name types, ' +
      'and a collector declares its settings.',
    { path: '^src/(collectors|rules)/', pathNot: tests },
    {
      path: '^src/(platform|config)/',
      pathNot: '^src/config/readers\\.ts$',
      dependencyTypesNot: ['type-only'],
    },
  ),
  rule(
    'collectors-alone',
    'Collectors do not know each other, except for their kinds. What they share lies beside ' +
      'collector.ts; the registry knows them all.',
    { path: '^src/collectors/([^/]+)/', pathNot: tests },
    { path: '^src/collectors/', pathNot: [shared, '^src/collectors/($1/|[^/]+/kinds\\.ts$)'] },
  ),
  rule(
    'collectors-shared',
    'What all collectors share knows none of them.',
    { path: shared, pathNot: tests },
    { path: '^src/collectors/([^/]+/|registry\\.ts$)' },
  ),
  rule(
    'client-alone',
    'The client is for other programs too: it needs Node and nothing else.',
    { path: '^client/', pathNot: tests },
    { path: '^(src|test|tools)/|node_modules' },
  ),
  rule(
    'client-users',
    'Of what ships, only the programs beside the tower ask as a client.',
    { path: '^src/', pathNot: `${tests}|^src/(cli|ui)/` },
    { path: '^client/' },
  ),
  rule(
    'no-tools-inside',
    'What ships imports nothing of tools/ and test/.',
    { path: '^src/', pathNot: tests },
    { path: '^(tools|test)/|\\.test\\.ts$' },
  ),
];

module.exports = {
  forbidden: [...floorRules, ...packageRules, ...otherRules],
  options: {
    // TypeScript 7 has no compiler interface: with the default parser no module would be seen.
    parser: 'swc',
    // Imports of types count too.
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node'] },
  },
};
