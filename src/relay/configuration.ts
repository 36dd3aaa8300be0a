/** What the relay reads of tocsin.yaml: its channels and the heartbeat, all or nothing. */
import { loadSettings, readSettingsFiles } from '../config/load.ts';
import type { Member } from '../config/readers.ts';
import { isHeartbeatSet, type Settings } from '../config/settings.ts';
import { channelsOf } from '../delivery/couriers.ts';
import { deliverySections } from '../delivery/sections.ts';
import { type Complaint, renderComplaint } from '../domain/rule.ts';
import type { Files } from '../platform/files.ts';

export interface RelayConfiguration {
  /** Those that need a network and are switched on. */
  readonly channels: Readonly<Record<string, Member>>;
  readonly heartbeat: Settings['heartbeat'];
}

export type RelayConfigurationAnswer =
  | { readonly type: 'configuration'; readonly configuration: RelayConfiguration }
  /** Each complaint in one line. */
  | { readonly type: 'refused'; readonly complaints: readonly string[] };

const refused = (complaints: readonly string[]): RelayConfigurationAnswer => ({
  type: 'refused',
  complaints,
});

/** Mistakes in sections of others are tocsind's business, and keep no mail from being sent. */
export function readRelayConfiguration(files: Files, path: string): RelayConfigurationAnswer {
  try {
    const read = readSettingsFiles(files, path);
    const { settings, complaints } = loadSettings(read, deliverySections, { strangers: true });
    if (settings === undefined)
      return refused(complaints.map((one: Complaint) => renderComplaint(one)));
    const channels = settings.channels as Readonly<Record<string, Member>>;
    return {
      type: 'configuration',
      configuration: {
        channels: channelsOf('relay', channels),
        heartbeat: settings.heartbeat,
      },
    };
  } catch (error) {
    const { path: file = path, message } = error as NodeJS.ErrnoException;
    return refused([`${file}: cannot be read: ${message}`]);
  }
}

/** Whether there is anything to do. */
export const isRelayNeeded = ({ channels, heartbeat }: RelayConfiguration): boolean =>
  Object.keys(channels).length > 0 || isHeartbeatSet(heartbeat);
