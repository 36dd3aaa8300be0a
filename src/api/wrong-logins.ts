/**
 * Whoever shows a token, a cookie or a ticket that is not valid leaves a row in the audit: guesses
 * are what an auditor asks for first. What was shown is not kept. The audit bounds their number.
 */
import type { House } from '../operations/house.ts';
import { anonymous } from '../operations/run.ts';
import type { Identify } from './identity.ts';

export const keepWrongLogins =
  (identify: Identify, house: House): Identify =>
  (door, request) => {
    const identity = identify(door, request);
    if (identity.type !== 'wrong') return identity;
    const { code, message } = identity.refusal;
    void house.audit.write({
      at: house.now(),
      by: anonymous.name,
      door,
      client: null,
      operation: 'access.refuse',
      subject: null,
      input: JSON.stringify({ why: message }),
      outcome: code,
    });
    return identity;
  };
