/** What may be set about systemd. */
import { patterns } from '../../config/readers.ts';

const example = '[nginx.service, "backup-*.service"]';

export const systemdSettings = {
  watch: patterns(
    ['*.service', '*.mount', '*.socket', '*.timer', '*.path', '*.target'],
    'Units to watch. A name without * ? [ also means that the unit must exist.',
    example,
  ),
  ignore: patterns(
    ['run-*', 'user@*.service', 'user-runtime-dir@*.service'],
    'Units not to watch, even when a pattern of "watch" matches. A name in "watch" wins.',
    example,
  ),
};
