/** The names of org.tocsin1: public, and the same as in dbus/org.tocsin1.xml. */

export const busName = 'org.tocsin1';
export const rootPath = '/org/tocsin1';
export const alertsPath = `${rootPath}/alert`;

export const managerInterface = 'org.tocsin1.Manager';
export const alertInterface = 'org.tocsin1.Alert';

export const standard = {
  peer: 'org.freedesktop.DBus.Peer',
  introspectable: 'org.freedesktop.DBus.Introspectable',
  properties: 'org.freedesktop.DBus.Properties',
  objectManager: 'org.freedesktop.DBus.ObjectManager',
} as const;

/** Ids are ULIDs; whatever else one might hold is escaped as systemd does it in unit paths. */
export const pathOfAlert = (id: string): string => {
  const escaped = id.replaceAll(
    /[^A-Za-z0-9]/g,
    (letter) => `_${(letter.codePointAt(0) ?? 0).toString(16).padStart(2, '0')}`,
  );
  return `${alertsPath}/${escaped}`;
};
