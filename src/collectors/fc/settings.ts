/** What may be set about Fibre Channel. */
import { patterns } from '../../config/readers.ts';

export const fcSettings = {
  forget: patterns(
    [],
    'Ports (WWPN) that were taken out for good: nobody waits for them any more.',
    '["21:00:00:24:ff:5c:3d:1a"]',
  ),
};
