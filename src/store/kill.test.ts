import { test } from 'node:test';
import { surviveKills } from './kill.fixture.ts';

test('SIGKILL at 6 random points under load loses nothing that was called durable', (t) =>
  surviveKills(t, 6));
