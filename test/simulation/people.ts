/** What people and programs do at the doors: to alerts, with silences and windows. */
import type { Alert } from '../../src/domain/alert.ts';
import type { MatcherText } from '../../src/domain/mute.ts';
import { type EpochMs, hours, minutes } from '../../src/domain/time.ts';
import type { Deed, RaisedByHand } from '../../src/rules/engine.ts';
import type { Chance } from './chance.ts';
import type { House } from './house.ts';

const who = ['uid:0', 'token:night', 'uid:1000'] as const;

export class People {
  readonly #chance: Chance;
  readonly #now: () => EpochMs;
  #raised = 0;
  #windows = 0;

  constructor(chance: Chance, now: () => EpochMs) {
    this.#chance = chance;
    this.#now = now;
  }

  acknowledge(house: House): void {
    const chance = this.#chance;
    const until = chance.one([
      null,
      undefined,
      'change',
      this.#now() + chance.about(hours(2)),
    ] as const);
    const comment = chance.is(0.5) ? null : 'I look after it';
    // Sometimes a whole lot of them at once.
    const count = chance.is(0.2) ? 50 : 1;
    for (let i = 0; i < count; i++)
      this.#act(
        house,
        until === undefined
          ? { type: 'acknowledge', comment }
          : { type: 'acknowledge', comment, until },
      );
  }

  unacknowledge(house: House): void {
    const held = this.#firing(house).filter(({ acknowledged }) => acknowledged);
    this.#act(house, { type: 'unacknowledge', comment: null }, this.#chance.pick(held));
  }

  resolve(house: House): void {
    this.#act(house, { type: 'resolve', comment: 'enough' });
  }

  comment(house: House): void {
    this.#act(house, { type: 'comment', comment: 'seen' });
  }

  silence(house: House): void {
    const { heart } = house;
    const chance = this.#chance;
    const now = this.#now();
    const known = heart.mutes.silences();
    const before = chance.is(0.2) ? chance.pick(known) : undefined;
    const startsAt = before?.startsAt ?? now + (chance.is(0.3) ? chance.about(hours(1)) : 0);
    const endsAt = Math.max(startsAt, now) + minutes(1) + chance.about(hours(3));
    const draft = { matchers: before?.matchers ?? this.#matchers(house), startsAt, endsAt };
    const id = before === undefined ? {} : { id: before.id };
    void heart.mutes.saveSilence({ ...draft, ...id, comment: 'repair' }, chance.one(who));
  }

  expire(house: House): void {
    const { mutes } = house.heart;
    const one = this.#chance.pick(mutes.silences());
    if (one !== undefined) void mutes.expireSilence(one.id, this.#chance.one(who));
  }

  window(house: House): void {
    const { mutes } = house.heart;
    const chance = this.#chance;
    const now = this.#now();
    if (chance.is(0.3)) {
      const one = chance.pick(mutes.windows());
      if (one !== undefined) void mutes.endWindow(one.id, chance.one(who));
      return;
    }
    const startsAt = now + chance.about(hours(1));
    const schedule = chance.is(0.5)
      ? ({ type: 'once', startsAt, endsAt: startsAt + chance.about(hours(2)) } as const)
      : ({
          type: 'calendar',
          calendar: chance.one(['02:30', '03:00', '12:00', '23:30']),
          duration: chance.one([minutes(20), hours(2)]),
        } as const);
    this.#windows += 1;
    const matchers = chance.is(0.2) ? [] : this.#matchers(house);
    void mutes.addWindow(
      { matchers, schedule, comment: `update ${this.#windows}` },
      chance.one(who),
    );
  }

  raise(house: House): void {
    const chance = this.#chance;
    this.#raised += 1;
    const key = chance.is(0.4) ? `key-${this.#raised}` : `key-${Math.floor(chance.between(0, 5))}`;
    const raised: RaisedByHand = {
      origin: chance.one(['hand', 'pushed', 'drill']),
      severity: chance.one(['info', 'warning', 'critical']),
      source: chance.one(['storage', 'system', 'task']),
      title: `raised ${Math.floor(chance.between(0, 3))}`,
      message: '',
      advice: '',
      resource: { kind: 'task.run', id: key },
      labels: {},
      key,
      expiresAt: chance.is(0.7) ? this.#now() + chance.about(hours(2)) : null,
    };
    void house.heart.pipeline.raise(raised, chance.one(who));
  }

  #act(house: House, deed: Deed, alert = this.#chance.pick(this.#firing(house))): void {
    if (alert !== undefined) void house.heart.pipeline.act(alert.id, deed, this.#chance.one(who));
  }

  #firing({ heart }: House): readonly Alert[] {
    return heart.publication.active();
  }

  #matchers(house: House): readonly MatcherText[] {
    const chance = this.#chance;
    const alert = chance.pick(this.#firing(house));
    const unit = `unit-${Math.floor(chance.between(1, 40))}`;
    return [
      chance.one<MatcherText>([
        { name: 'alertname', operator: '=', value: alert?.rule ?? 'unit-failed' },
        { name: 'resourceId', operator: '=', value: alert?.resource.id ?? 'unit-3.service' },
        { name: 'resourceId', operator: '=~', value: `${unit}.*` },
        { name: 'severity', operator: '=', value: chance.one(['critical', 'warning']) },
        { name: 'source', operator: '!=', value: 'system' },
      ]),
    ];
  }
}
