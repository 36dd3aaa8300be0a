/** What a check of the doctor is. */
import type { Finding } from './finding.ts';
import type { Scene } from './scene.ts';

/** Looks at one thing. What it cannot see it throws as Unseen: that is never ok. */
export interface Check {
  /** Public: it stands in the output. */
  readonly name: string;
  readonly look: (scene: Scene) => Promise<readonly Finding[]>;
}
