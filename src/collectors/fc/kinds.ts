/** The kind of the Fibre Channel collector. Sources are below /sys/class/fc_host/hostN. */
import { counter, defineKind, flag, gauge, instant, word } from '../../domain/kind.ts';

const errors = { unit: 'errors' } as const;

export const fcPort = defineKind('fc.port', {
  title: 'Fibre Channel port',
  identity: 'WWPN, as 21:00:00:24:ff:5c:3d:1a',
  attributes: {
    present: flag({ help: 'The kernel has the port.', source: 'port_name' }),
    expected: flag({
      help: 'It was online once, or SCST has an enabled target on it.',
      source: 'port_state, and what was seen before; scst.target enabled',
    }),
    absentSince: instant({ help: 'Since when it is missing.', source: 'port_name' }),
    host: word({ help: 'Its SCSI host; changes from boot to boot.', source: 'class/fc_host' }),
    portState: word({
      help: 'State of its link.',
      source: 'port_state',
      values: [
        'Unknown',
        'Not Present',
        'Online',
        'Offline',
        'Blocked',
        'Bypassed',
        'Diagnostics',
        'Linkdown',
        'Error',
        'Loopback',
        'Deleted',
        'Marginal',
      ],
    }),
    portType: word({ help: 'How it is connected.', source: 'port_type' }),
    mode: word({
      help: 'Initiator, Target, or both.',
      source: 'class/scsi_host/hostN/active_mode',
    }),
    speed: word({ help: 'Speed of the link, as the driver says it.', source: 'speed' }),
    speedGigabits: gauge({
      unit: 'gigabits per second',
      help: 'Speed of the link.',
      source: 'speed',
    }),
    bestSpeedGigabits: gauge({
      unit: 'gigabits per second',
      help: 'The best speed that was seen; after 30 days at a lower one, that one.',
      source: 'speed, and what was seen before',
    }),
    linkFailures: counter({
      ...errors,
      help: 'Failures of the link.',
      source: 'statistics/link_failure_count',
    }),
    lossesOfSync: counter({
      ...errors,
      help: 'Losses of synchronization.',
      source: 'statistics/loss_of_sync_count',
    }),
    lossesOfSignal: counter({
      ...errors,
      help: 'Losses of light.',
      source: 'statistics/loss_of_signal_count',
    }),
    invalidCrcs: counter({
      ...errors,
      help: 'Frames with a wrong check sum.',
      source: 'statistics/invalid_crc_count',
    }),
    invalidTxWords: counter({
      ...errors,
      help: 'Transmission words that could not be read.',
      source: 'statistics/invalid_tx_word_count',
    }),
    linkFaults: counter({
      ...errors,
      help: 'Failures and losses of the link together, as far as the driver counts them.',
      source: 'linkFailures, lossesOfSync, lossesOfSignal',
    }),
    transmissionFaults: counter({
      ...errors,
      help: 'Wrong check sums and words together, as far as the driver counts them.',
      source: 'invalidCrcs, invalidTxWords',
    }),
  },
});
