/** The settings, after defaults: what tocsin.yaml and its drop-ins say. */
import type { Ms } from '../domain/time.ts';

export interface Settings {
  readonly systemd: {
    /** Patterns (shell globs) of units to watch; an exact name also means "must exist". */
    readonly watch: readonly string[];
    readonly ignore: readonly string[];
  };
  readonly retention: {
    readonly age: Ms;
    readonly bytes: number;
  };
  readonly stream: {
    readonly clientsMax: number;
    readonly clientBufferBytesMax: number;
  };
}
