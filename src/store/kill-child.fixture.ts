/** Child of the SIGKILL tests: commits as fast as it can, and says which number is durable. */
import { writeSync } from 'node:fs';
import { deedOf } from './audit.fixture.ts';
import { openStore } from './client.ts';
import { batchOf, eventOf, raisings } from './samples.fixture.ts';

const inFlightMax = 8;
const path = String(process.argv[2]);

const store = await openStore(path, { ballastBytes: 64 * 1024 });
let { lastSeq } = await store.remember();

async function commitForEver(): Promise<void> {
  for (;;) {
    const from = lastSeq + 1;
    lastSeq += 1 + (from % 20);
    const cursors = { journal: String(lastSeq) };
    const changes = raisings(from, lastSeq);
    const answer = await store.commit(
      batchOf({ changes, cursors, events: [eventOf(from)], audit: [deedOf(from)] }),
    );
    if (answer.type !== 'committed') throw new Error(answer.why);
    // Written at once: what the parent has read was durable before.
    writeSync(1, `${changes.at(-1)?.seq}\n`);
  }
}
await Promise.all(Array.from({ length: inFlightMax }, commitForEver));
