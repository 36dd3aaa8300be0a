/** All surfaces, a line each. */
import { busDoor, wire } from './bus.ts';
import { alertmanager, headers, queries, restBodies, streams } from './doors.ts';
import { machines, parsing } from './machine.ts';
import type { Surface } from './surface.ts';
import { configuration, cursors, matchers, rules } from './texts.ts';

export const surfaces: readonly Surface[] = [
  restBodies,
  queries,
  headers,
  streams,
  alertmanager,
  wire,
  busDoor,
  configuration,
  rules,
  matchers,
  cursors,
  parsing,
  machines,
];
