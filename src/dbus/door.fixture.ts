/** For tests: a furnished house behind a dispatch whose caller has the role that the test says. */
import type { FakeHouse } from '../operations/fake-house.ts';
import { furnishedHouse } from '../operations/furnished-house.fixture.ts';
import type { Role } from '../operations/house.ts';
import type { ServiceReply } from '../platform/bus/serving.ts';
import { createDispatch } from './dispatch.ts';
import { callTo } from './fake-service.ts';
import type { Action } from './member.ts';
import { AlertObjects } from './objects.ts';
import { Tree } from './tree.ts';

export interface Desk {
  readonly house: FakeHouse;
  readonly objects: AlertObjects;
  readonly bugs: unknown[];
  /** What polkit was asked for. */
  readonly asked: Action[];
  role: Role;
  afterPassword: boolean;
  ask(
    path: string,
    name: string,
    member: string,
    signature?: string,
    body?: readonly unknown[],
    more?: { readonly isInteractive?: boolean; readonly gone?: AbortSignal },
  ): Promise<ServiceReply>;
}

export function createDesk(house: FakeHouse = furnishedHouse()): Desk {
  const objects = new AlertObjects();
  objects.reset(house.activeAlerts());
  const machineId = (): string => '0123456789abcdef0123456789abcdef';
  const tree = new Tree({ house, objects, machineId });
  const desk: Desk = {
    house,
    objects,
    bugs: [],
    asked: [],
    role: 'admin',
    afterPassword: false,
    ask: (path, name, member, signature = '', body = [], more = {}) =>
      dispatch(callTo(path, name, member, { signature, body: body as never, ...more })),
  };
  const dispatch = createDispatch({
    house,
    tree,
    async know(call, action) {
      desk.asked.push(action);
      const caller = { role: desk.role, name: 'uid:1000', door: 'dbus', client: call.sender };
      return { caller, afterPassword: desk.afterPassword };
    },
    onBug: (error) => void desk.bugs.push(error),
  });
  return desk;
}

/** The name of the error; `return` for an answer. */
export const outcomeOf = (reply: ServiceReply): string =>
  reply.type === 'return' ? 'return' : reply.name.replace(/^.*\.Error\./, '');
