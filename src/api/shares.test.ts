/** One user cannot hold all connections of the socket that everybody may open. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { limitUsers } from './shares.ts';

const folder = mkdtempSync(join(tmpdir(), 'tocsin-shares-'));
after(() => rmSync(folder, { recursive: true }));

const ownUid = 990;
const shareMax = 2;
/** How many more of one user are told that there are too many. */
const surplusMax = 32;

/** A server that takes whoever comes for `uid`, and has met them when `meet` resolves. */
async function serve(name: string, uid: () => number | undefined) {
  const server = createServer();
  const peerOf = () => {
    const one = uid();
    return one === undefined ? undefined : { uid: one, gid: 100, groups: [] };
  };
  const isSurplus = limitUsers(server, { peerOf, ownUid }, shareMax);
  const path = join(folder, name);
  server.listen(path);
  await once(server, 'listening');
  const clients: Socket[] = [];
  after(() => {
    for (const client of clients) client.destroy();
    server.close();
  });
  return {
    clients,
    meet: async (): Promise<'served' | 'surplus' | 'closed'> => {
      const met = once(server, 'connection');
      clients.push(connect(path).on('error', () => {}));
      const [socket] = (await met) as [Socket];
      if (socket.destroyed) return 'closed';
      return isSurplus(socket) ? 'surplus' : 'served';
    },
    closed: async (client: Socket) => {
      const left = new Promise<void>((resolve) =>
        server.getConnections((_, before) => {
          const look = (): void => {
            server.getConnections((__, count) => (count < before ? resolve() : setImmediate(look)));
          };
          client.destroy();
          look();
        }),
      );
      await left;
    },
  };
}

describe('the share of a user in local.sock', () => {
  test('is so large, is answered a little beyond, and is closed to beyond that', async () => {
    const { meet } = await serve('share', () => 1000);
    const met: string[] = [];
    for (let i = 0; i < shareMax + surplusMax + 1; i += 1) met.push(await meet());
    assert.deepEqual(
      [...new Set(met)].map((fate) => [fate, met.filter((one) => one === fate).length]),
      [
        ['served', shareMax],
        ['surplus', surplusMax],
        ['closed', 1],
      ],
    );
  });

  test('takes nothing from another user, from root, and from our own', async () => {
    let uid: number | undefined = 1000;
    const { meet } = await serve('others', () => uid);
    for (let i = 0; i < shareMax + surplusMax; i += 1) await meet();
    for (const other of [1001, 0, 0, 0, ownUid, ownUid, ownUid]) {
      uid = other;
      assert.equal(await meet(), 'served', `uid ${other}`);
    }
  });

  test('is one for all who cannot be known', async () => {
    const { meet } = await serve('unknown', () => undefined);
    assert.deepEqual([await meet(), await meet(), await meet()], ['served', 'served', 'surplus']);
  });

  test('is given back with the connection', async () => {
    const { clients, closed, meet } = await serve('back', () => 1000);
    await meet();
    await meet();
    const [first] = clients;
    assert.ok(first);
    await closed(first);
    assert.equal(await meet(), 'served');
    assert.equal(await meet(), 'surplus');
  });
});
