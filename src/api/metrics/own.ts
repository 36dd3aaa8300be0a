/** What tocsin says of itself: how it looks, how fast it saw, how its API is used. */
import { type Ms, seconds } from '../../domain/time.ts';
import type { Figures } from '../../operations/figures.ts';
import type { House } from '../../operations/house.ts';
import type { Family } from './family.ts';
import { type Page, renderLabel, renderLabels } from './page.ts';

/** A family whose series are written by hand. */
export interface Section {
  readonly family: Family;
  readonly fill?: (page: Page, house: House, figures: Figures) => void;
  /** For a large one, in place of `fill`: in parts, between which others may work. */
  readonly parts?: (page: Page, house: House) => Iterable<undefined>;
}

const inSeconds = (duration: Ms): number => duration / seconds(1);

const ofBuild: readonly Section[] = [
  {
    family: { name: 'tocsin_build_info', type: 'gauge', help: 'Always 1; the version that runs.' },
    fill: (page, house) => page.add(renderLabel('version', house.version), 1),
  },
  {
    family: {
      name: 'tocsin_start_timestamp_seconds',
      type: 'gauge',
      unit: 'seconds',
      help: 'When tocsind started.',
    },
    fill: (page, house) => page.add('', inSeconds(house.startedAt)),
  },
];

const ofSight: readonly Section[] = [
  {
    family: {
      name: 'tocsin_detection_seconds',
      type: 'histogram',
      unit: 'seconds',
      help: 'From the moment at the source to the moment tocsin saw it, of alerts that it raised while it watched, by source of the alert.',
    },
    fill(page, _, { detection }) {
      for (const [source, histogram] of detection)
        page.addHistogram(`source="${source}"`, histogram);
    },
  },
  {
    family: {
      name: 'tocsin_transitions_recovered_total',
      type: 'counter',
      help: 'Transitions that no signal had announced and looking found, by collector.',
    },
    fill(page, house) {
      for (const { id, attributes } of house.resources('tocsin.component')) {
        const { role, recovered } = attributes;
        if (role !== 'collector' || typeof recovered !== 'number') continue;
        page.add(renderLabel('source', id), recovered);
      }
    },
  },
  {
    family: {
      name: 'tocsin_blind_seconds_total',
      type: 'counter',
      unit: 'seconds',
      help: 'Time since the start in which a source could not be seen; source tocsin: before the start.',
    },
    fill(page, _, { blind, sources }) {
      const never = sources.filter(({ name }) => !blind.has(name)).map(({ name }) => name);
      for (const name of never) page.add(renderLabel('source', name), 0);
      for (const [name, length] of blind) page.add(renderLabel('source', name), inSeconds(length));
    },
  },
  {
    family: {
      name: 'tocsin_collector_duration_seconds',
      type: 'gauge',
      unit: 'seconds',
      help: 'How long the latest whole look of a collector took.',
    },
    fill(page, _, { sources }) {
      for (const { name, lookDuration } of sources)
        if (lookDuration !== null)
          page.add(renderLabel('collector', name), inSeconds(lookDuration));
    },
  },
];

const ofApi: readonly Section[] = [
  {
    family: {
      name: 'tocsin_stream_clients',
      type: 'gauge',
      help: 'Clients that follow the stream.',
    },
    fill: (page, _, { api }) => page.add('', api.streamClients),
  },
  {
    family: {
      name: 'tocsin_http_requests_total',
      type: 'counter',
      help: 'Requests answered, by operation and HTTP status; other: no operation.',
    },
    fill(page, _, { api }) {
      for (const { operation, code, count } of api.counts)
        page.add(renderLabels({ operation, code: String(code) }), count);
    },
  },
  {
    family: {
      name: 'tocsin_http_request_duration_seconds',
      type: 'histogram',
      unit: 'seconds',
      help: 'How long answers took, by operation; streams do not count.',
    },
    fill(page, _, { api }) {
      for (const [operation, histogram] of api.durations)
        page.addHistogram(`operation="${operation}"`, histogram);
    },
  },
  {
    family: {
      name: 'tocsin_db_bytes',
      type: 'gauge',
      unit: 'bytes',
      help: 'Size of a database with its write-ahead log.',
    },
    fill(page, _, { databaseBytes }) {
      for (const [database, bytes] of databaseBytes)
        page.add(renderLabel('database', database), bytes);
    },
  },
];

const ofDelivery: readonly Section[] = [
  {
    family: {
      name: 'tocsin_outbox_oldest_seconds',
      type: 'gauge',
      unit: 'seconds',
      help: 'Age of the oldest message that waits to be delivered; 0: none does.',
    },
    fill(page, house, { delivery: { oldestWaiting } }) {
      const age = oldestWaiting === null ? 0 : Math.max(0, house.now() - oldestWaiting);
      page.add('', inSeconds(age));
    },
  },
  {
    family: {
      name: 'tocsin_deliveries_total',
      type: 'counter',
      help: 'Attempts to deliver a message since the start, by channel and result: delivered, retry (to be tried again), refused.',
    },
    fill(page, _, { delivery: { attempts } }) {
      for (const { channel, result, count } of attempts)
        page.add(renderLabels({ channel, result }), count);
    },
  },
];

export const ownSections: readonly Section[] = [...ofBuild, ...ofSight, ...ofApi, ...ofDelivery];

/** Stands at the end, where it is known. */
export const droppedFamily: Family = {
  name: 'tocsin_exposition_series_dropped',
  type: 'gauge',
  help: 'Series that this page lacks because there are too many, or because a name is too long.',
};
