/** What a message is about, in one line: the subject of a mail, the title of a push. */
import { rankOf, type Severity, severities } from '../../domain/alert.ts';
import { drillMark, type Message, type MessageItem, withoutMark } from '../../domain/message.ts';
import { oneLine } from './clean.ts';

export interface Summary {
  /** `over`: nothing of what it tells fires any more; `none`: it is not about alerts. */
  readonly state: 'firing' | 'over' | 'none';
  /** The highest of what fires, else of what is over, else `info`. */
  readonly severity: Severity;
  readonly firing: number;
  readonly over: number;
  /** Items that are not in the message are counted too. */
  readonly total: number;
}

export const isFiring = ({ alert }: MessageItem): boolean => alert.phase !== 'resolved';

function worst(items: readonly MessageItem[]): Severity {
  const ranks = items.map(({ alert }) => rankOf(alert.severity));
  return severities[Math.max(0, ...ranks)] ?? 'info';
}

export function summarize(message: Message): Summary {
  const firing = message.items.filter(isFiring);
  const over = message.items.length - firing.length;
  const total = message.items.length + message.omitted;
  const state = total === 0 ? 'none' : firing.length > 0 ? 'firing' : 'over';
  const severity = worst(firing.length > 0 ? firing : message.items);
  return { state, severity, firing: firing.length, over, total };
}

/** The item that names the message: the worst that fires, else the worst. */
export const headOf = ({ items }: Message): MessageItem | undefined =>
  items.find(isFiring) ?? items[0];

/** `CRITICAL`, `RESOLVED`, `TEST`: what stands in brackets. */
export function badgeOf(message: Message): string {
  const { state, severity } = summarize(message);
  if (state === 'none') return message.type.toUpperCase();
  return state === 'over' ? 'RESOLVED' : severity.toUpperCase();
}

const titleLengthMax = 160;
const hostLengthMax = 64;

export const hostOf = ({ host }: Message): string => oneLine(host, hostLengthMax);

/** `3 firing, 9 over, 20 not shown`. */
export function countsOf(message: Message): string {
  const { firing, over } = summarize(message);
  const parts = [
    ...(firing > 0 ? [`${firing} firing`] : []),
    ...(over > 0 ? [`${over} over`] : []),
    ...(message.omitted > 0 ? [`${message.omitted} not shown`] : []),
  ];
  return parts.join(', ');
}

/** What the message says, without badge and host. */
export function titleOf(message: Message): string {
  const { total } = summarize(message);
  if (message.type === 'digest') return `digest of ${total} alerts: ${countsOf(message)}`;
  const head = headOf(message);
  if (head === undefined) return oneLine(message.title, titleLengthMax);
  const more = total > 1 ? ` (+${total - 1})` : '';
  return `${oneLine(withoutMark(head.alert.title), titleLengthMax)}${more}`;
}

/** `[CRITICAL] box: title (+3)`; an exercise begins with `[DRILL]`. */
export function headline(message: Message): string {
  const drill = message.drill ? drillMark : '';
  return `${drill}[${badgeOf(message)}] ${hostOf(message)}: ${titleOf(message)}`;
}
