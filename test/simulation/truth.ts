/**
 * What is true, as far as the disk knows it: every change that is durable, and what each channel
 * must therefore have heard by the end.
 */
import type { Profile } from '../../src/delivery/profile.ts';
import { routes } from '../../src/delivery/profile.ts';
import type { Alert, Change } from '../../src/domain/alert.ts';

export const isTellable = ({ phase, mutedBy, acknowledged }: Alert): boolean =>
  phase === 'firing' && mutedBy.length === 0 && !acknowledged;

export class Truth {
  lastSeq = 0;
  readonly alerts = new Map<string, Alert>();
  /** Channel and alert that must have met by the end. */
  readonly owed = new Set<string>();
  /** How often a channel began anew, and so was told again what fires. */
  readonly begun = new Map<string, number>();
  readonly complaints: string[] = [];
  readonly reasons = new Map<string, number>();
  /** Rules that have fired. */
  readonly rules = new Set<string>();
  profiles: readonly Profile[] = [];

  take(changes: readonly Change[]): void {
    for (const { seq, alert, reason } of changes) {
      if (seq !== this.lastSeq + 1) this.complaints.push(`${seq} follows ${this.lastSeq}`);
      if (this.alerts.get(alert.id)?.phase === 'resolved' && reason !== 'cleared')
        this.complaints.push(`${seq}: ${reason} after the end of ${alert.id}`);
      this.lastSeq = seq;
      this.reasons.set(reason, (this.reasons.get(reason) ?? 0) + 1);
      this.alerts.set(alert.id, alert);
      if (alert.phase === 'firing') this.rules.add(alert.rule);
      if (!isTellable(alert)) continue;
      for (const profile of this.profiles)
        if (profile.after === 0 && routes(profile, alert))
          this.owed.add(`${profile.name} ${alert.id}`);
    }
  }

  configure(profiles: readonly Profile[]): void {
    for (const { name } of this.profiles) {
      if (profiles.some((one) => one.name === name)) continue;
      this.begun.set(name, (this.begun.get(name) ?? 0) + 1);
      for (const owed of this.owed) if (owed.startsWith(`${name} `)) this.owed.delete(owed);
    }
    this.profiles = profiles;
  }
}
