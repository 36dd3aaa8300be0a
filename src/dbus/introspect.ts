/** What an object says of itself, in XML: rendered from the tables that also answer. */
import type { Argument, Interface } from './member.ts';

const doctype = `<!DOCTYPE node PUBLIC "-//freedesktop//DTD D-BUS Object Introspection 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/introspect.dtd">
`;

const argumentLines = (list: readonly Argument[], direction?: 'in' | 'out'): string =>
  list
    .map(([name, type]) => {
      const way = direction === undefined ? '' : ` direction="${direction}"`;
      return `   <arg name="${name}" type="${type}"${way}/>\n`;
    })
    .join('');

const emitsName = 'org.freedesktop.DBus.Property.EmitsChangedSignal';

function renderInterface({ name, methods, properties, signals }: Interface): string {
  return [
    ` <interface name="${name}">\n`,
    ...methods.map(
      ({ name: method, takes, gives }) =>
        `  <method name="${method}">\n${argumentLines(takes, 'in')}` +
        `${argumentLines(gives, 'out')}  </method>\n`,
    ),
    ...properties.map(
      ({ name: property, type, emits }) =>
        `  <property name="${property}" type="${type}" access="read">\n` +
        `   <annotation name="${emitsName}" value="${emits}"/>\n  </property>\n`,
    ),
    ...signals.map(
      ({ name: signal, gives }) =>
        `  <signal name="${signal}">\n${argumentLines(gives)}  </signal>\n`,
    ),
    ' </interface>\n',
  ].join('');
}

/** `children`: the last parts of the paths below it. */
export const renderNode = (interfaces: readonly Interface[], children: readonly string[]): string =>
  [
    doctype,
    '<node>\n',
    ...interfaces.map(renderInterface),
    ...children.map((child) => ` <node name="${child}"/>\n`),
    '</node>\n',
  ].join('');
