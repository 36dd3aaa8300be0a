/** How refusals are called on the bus. */
import type { Refusal, RefusalCode } from '../operations/refusals.ts';
import type { ServiceReply } from '../platform/bus/serving.ts';
import { wireText } from './values.ts';

/** The specification's names, where they are meant. */
const standardErrors = {
  method: 'org.freedesktop.DBus.Error.UnknownMethod',
  interface: 'org.freedesktop.DBus.Error.UnknownInterface',
  object: 'org.freedesktop.DBus.Error.UnknownObject',
  property: 'org.freedesktop.DBus.Error.UnknownProperty',
  readOnly: 'org.freedesktop.DBus.Error.PropertyReadOnly',
  arguments: 'org.freedesktop.DBus.Error.InvalidArgs',
  failed: 'org.freedesktop.DBus.Error.Failed',
  /** The caller may be allowed after a password, and did not let anybody be asked for it. */
  interactive: 'org.freedesktop.DBus.Error.InteractiveAuthorizationRequired',
} as const;
export type StandardError = keyof typeof standardErrors;

/** `alert-unknown` is `org.tocsin1.Error.AlertUnknown`. */
export const errorNameOf = (code: RefusalCode): string => {
  const words = code.split('-').map((word) => `${word.charAt(0).toUpperCase()}${word.slice(1)}`);
  return `org.tocsin1.Error.${words.join('')}`;
};

const failing = (name: string, message: string): ServiceReply => ({
  type: 'error',
  name,
  message: wireText(message),
});

export const refusing = (error: StandardError, message: string): ServiceReply =>
  failing(standardErrors[error], message);

/** The detail and, behind it, what helps: an error of the bus has one text. */
export const replyOfRefusal = ({ code, message, hint }: Refusal): ServiceReply =>
  failing(errorNameOf(code), hint === null ? message : `${message} (${hint})`);

export const mistaken = (): ServiceReply =>
  failing(errorNameOf('internal'), 'tocsin has made a mistake; its log says more');
