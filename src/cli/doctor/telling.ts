/** Whether somebody is told: the relay, the channels, and the secrets that they need. */
import type { SecretPlace } from '../../config/readers.ts';
import { reachesSomebody } from '../../delivery/profile.ts';
import type { ChannelView } from '../views.ts';
import type { Check } from './check.ts';
import { type Finding, notApplicable, ok, orOk, problem, unknown } from './finding.ts';
import { getSettings, type Scene } from './scene.ts';
import { isRunning, judgeLoading, readLog, reasonOf } from './units.ts';

/** Whether a channel or the heartbeat needs a network: then tocsin-relay must run. */
async function isRelayNeeded(scene: Scene): Promise<boolean> {
  const { channelsOf } = await import('../../delivery/couriers.ts');
  const { isHeartbeatSet } = await import('../../config/settings.ts');
  const settings = await getSettings(scene);
  const channels = settings.channels as Parameters<typeof channelsOf>[1];
  return (
    Object.keys(channelsOf('relay', channels)).length > 0 || isHeartbeatSet(settings.heartbeat)
  );
}

export const relayCheck: Check = {
  name: 'relay',
  async look(scene) {
    const name = 'tocsin-relay.service';
    const unit = await scene.unit(name);
    const loading = judgeLoading(name, unit);
    if (loading !== undefined) return [loading];
    if (!(await isRelayNeeded(scene))) {
      return [notApplicable('no channel needs a network, and there is no heartbeat')];
    }
    if (isRunning(unit)) {
      const last = (await scene.channels())
        .filter(({ place, lastDeliveredAt }) => place === 'relay' && lastDeliveredAt !== null)
        .map(({ lastDeliveredAt }) => lastDeliveredAt ?? '')
        .sort()
        .at(-1);
      return [ok(`${name} runs; last delivery: ${last ?? 'none yet'}`)];
    }
    const what = `${name} is needed and does not run: ${reasonOf(unit)}`;
    const why = 'Mails, pushes and webhooks wait, and the heartbeat is silent.';
    const mend = `systemctl start ${name}; what it says then: journalctl -u tocsin-relay -n 20`;
    return [problem(what, why, mend, await readLog(scene, name))];
  },
};
/** One that is on and does not work, or nobody knows whether it does. */
function judgeChannel(channel: ChannelView): readonly Finding[] {
  const { name, enabled, health, reason, lastDeliveredAt } = channel;
  if (!enabled) return [];
  const test = `tocsin channel test ${name}`;
  if (health === 'failing') {
    const what = `channel ${name} fails: ${reason ?? 'no reason is known'}`;
    return [problem(what, 'What it should tell waits.', `${test}; its settings: man tocsin.yaml`)];
  }
  if (health === 'healthy' || lastDeliveredAt !== null) return [];
  const why = 'Whether it works will be known when it is needed, which is too late.';
  return [problem(`channel ${name} was never tested, and has told nothing yet`, why, test)];
}

export const channelsCheck: Check = {
  name: 'channels',
  async look(scene) {
    const channels = await scene.channels();
    if (channels.length === 0) return [notApplicable('there is no channel')];
    return orOk(channels.flatMap(judgeChannel), `${channels.length} set, all that are on work`);
  },
};

export const somebodyCheck: Check = {
  name: 'somebody',
  async look(scene) {
    const reaching = (await scene.channels()).filter(
      (channel) => channel.enabled && reachesSomebody(channel),
    );
    if (reaching.length > 0) {
      return [ok(`alerts are told over ${reaching.map(({ name }) => name).join(', ')}`)];
    }
    return [
      problem(
        'nobody is told of alerts: no channel reaches anybody',
        'They are shown to whoever happens to look. Journal and terminals do not count.',
        `write a channel into ${scene.places.config} (man tocsin.yaml), then: systemctl reload tocsin`,
      ),
    ];
  },
};

const isSecretPlace = (value: object): value is SecretPlace =>
  Object.keys(value).length === 1 && ('credential' in value || 'file' in value);

/** The secrets that settings name, wherever they stand. */
function secretsIn(value: unknown): readonly SecretPlace[] {
  if (typeof value !== 'object' || value === null) return [];
  return isSecretPlace(value) ? [value] : Object.values(value).flatMap(secretsIn);
}

/** Where systemd looks for a credential that LoadCredential= names without a path. */
const stores = [
  '/etc/credstore',
  '/run/credstore',
  '/etc/credstore.encrypted',
  '/run/credstore.encrypted',
];

const othersMay = 0o077;

function judgeSecretFile(scene: Scene, path: string, secret: string, mend: string): Finding[] {
  const facts = scene.facts(path);
  if (facts === undefined) {
    return [problem(`${secret} is missing`, 'Channels that need it cannot send.', mend)];
  }
  // In a file of its own it is read by tocsin-relay, which may get it through a group.
  const allowed = path.includes('/credstore') ? 0 : 0o070;
  if (facts.type === 'link' || (facts.mode & othersMay & ~allowed) === 0) return [];
  const what = `${path} can be read by others`;
  return [problem(what, 'It holds a secret.', `chmod 0600 ${path}`)];
}

function judgeCredential(scene: Scene, name: string, loaded: readonly string[]): Finding[] {
  const secret = `the credential ${name}`;
  const path = `${stores[0]}/${name}`;
  if (!loaded.includes(name)) {
    const what = `tocsin-relay is not given ${secret}`;
    const mend = `systemctl edit tocsin-relay, with [Service] LoadCredential=${name}`;
    return [problem(what, 'Channels that need it cannot send.', mend)];
  }
  const there = stores.map((store) => `${store}/${name}`).filter((one) => scene.facts(one));
  const mend = `install -D -m 0600 /dev/stdin ${path} && systemctl restart tocsin-relay`;
  return judgeSecretFile(scene, there[0] ?? path, secret, mend);
}

/** Names that the unit passes on, as it is written: "systemctl show" cannot print them. */
async function readLoaded(scene: Scene): Promise<readonly string[]> {
  const text = await scene.read(['systemctl', 'cat', 'tocsin-relay.service']);
  return [...text.matchAll(/^LoadCredential(?:Encrypted)?=([^:\s]+)/gm)].map(
    ([, name = '']) => name,
  );
}

export const credentialsCheck: Check = {
  name: 'credentials',
  async look(scene) {
    const settings = await getSettings(scene);
    const places = [settings.channels, settings.heartbeat].flatMap(secretsIn);
    if (places.length === 0) return [notApplicable('no setting names a secret')];
    const loaded = await readLoaded(scene);
    const found = places.flatMap((place) => {
      if ('credential' in place) {
        return judgeCredential(scene, place.credential, loaded);
      }
      const { file } = place;
      return judgeSecretFile(scene, file, `the file ${file}`, `install -m 0640 /dev/stdin ${file}`);
    });
    // A folder that we cannot enter looks like one without the file.
    if (scene.uid !== 0 && found.some(({ what }) => what.endsWith('is missing'))) {
      return [unknown('secrets are for root to see')];
    }
    return orOk(found, `${places.length} named by the settings, all there`);
  },
};
