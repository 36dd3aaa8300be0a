/** Messages for the tests of channels. */
import type { Alert } from '../../domain/alert.ts';
import type { Message, MessageItem } from '../../domain/message.ts';
import { fakeAlert, fakeStart } from '../../operations/fake-alerts.ts';

export function fakeItem(
  count: number,
  more: Partial<MessageItem> = {},
  alert: Partial<Alert> = {},
) {
  const shown = fakeAlert(count, { seq: count, ...alert });
  return {
    key: `${shown.id}/${shown.seq}`,
    reason: 'raised',
    alert: shown,
    victims: 0,
    victimTitles: [],
    ...more,
  } as const satisfies MessageItem;
}

export function fakeMessage(more: Partial<Message> = {}): Message {
  return {
    key: '01KAP3DKV0Z3NDEKTSV4RRFFQ1',
    channel: 'oncall',
    sequence: 17,
    at: fakeStart + 61_000,
    type: 'alerts',
    why: null,
    group: { rule: 'unit-failed' },
    groupKey: 'oncall:{rule="unit-failed"}',
    items: [fakeItem(1)],
    omitted: 0,
    title: '',
    lines: [],
    drill: false,
    host: 'box1',
    ...more,
  };
}

/** Everything a foreign unit name could try. */
export const hostileText =
  '</b><script>alert(1)</script>\r\nBcc: all@example.net\r\n\r\n<img src="http://evil/x">' +
  '\u202egpj.exe\u0000\u001b[31m <!channel> @all [click](http://evil) `x` & "q" \ud800';
