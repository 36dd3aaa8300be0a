/** Where the stream is, for those that look at a request before the stream does. */
import type { IncomingMessage } from 'node:http';
import { followStream } from '../../operations/stream.ts';
import { pathOf } from '../guard.ts';

export const streamPath = followStream.path;

export const isStream = ({ method, url = '' }: IncomingMessage): boolean =>
  method === 'GET' && pathOf(url) === streamPath;
