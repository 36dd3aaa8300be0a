import { test } from 'node:test';
import { surviveKills } from '../../src/store/kill.fixture.ts';

test('SIGKILL at 200 random points under load loses nothing that was called durable', (t) =>
  surviveKills(t, 200));
