/**
 * The body of Alertmanager's webhook, version 4, so that what receives those receives ours:
 * https://prometheus.io/docs/alerting/latest/configuration/#webhook_config
 */
import type { Message } from '../../../domain/message.ts';
import { labelFingerprint } from '../../../domain/ulid.ts';
import { type AlertShape, instantOrZero, shapesOf, type Texts } from '../../render/alertmanager.ts';
import { alertLink } from '../../render/links.ts';

/** What all of them have with the same value. */
function commonOf(all: readonly Texts[]): Texts {
  const [first = {}, ...others] = all;
  const shared = Object.entries(first).filter(([name, value]) =>
    others.every((one) => one[name] === value),
  );
  return Object.fromEntries(shared);
}

function renderAlert(shape: AlertShape, message: Message, page: string) {
  const isOver = shape.endsAt !== null && shape.endsAt <= message.at;
  return {
    status: isOver ? 'resolved' : 'firing',
    labels: shape.labels,
    annotations: shape.annotations,
    startsAt: instantOrZero(shape.startsAt),
    endsAt: instantOrZero(shape.endsAt),
    generatorURL: shape.id === '' ? page : alertLink(page, shape.id),
    fingerprint: labelFingerprint(shape.labels),
  };
}

/** The same bytes each time the message is sent. */
export function renderPayload(message: Message, page: string): string {
  const shapes = shapesOf(message);
  const alerts = shapes.map((shape) => renderAlert(shape, message, page));
  return JSON.stringify({
    version: '4',
    groupKey: message.groupKey,
    truncatedAlerts: message.omitted,
    status: alerts.some(({ status }) => status === 'firing') ? 'firing' : 'resolved',
    receiver: message.channel,
    groupLabels: message.group,
    commonLabels: commonOf(shapes.map(({ labels }) => labels)),
    commonAnnotations: commonOf(shapes.map(({ annotations }) => annotations)),
    externalURL: page,
    alerts,
  });
}
