/** The interfaces of the specification that our objects have, as they are told. */
import type { Interface } from './member.ts';
import { standard } from './names.ts';

export const peerSpec: Interface = {
  name: standard.peer,
  methods: [
    { name: 'Ping', takes: [], gives: [] },
    { name: 'GetMachineId', takes: [], gives: [['machine_uuid', 's']] },
  ],
  properties: [],
  signals: [],
};

export const introspectableSpec: Interface = {
  name: standard.introspectable,
  methods: [{ name: 'Introspect', takes: [], gives: [['xml_data', 's']] }],
  properties: [],
  signals: [],
};

export const propertiesSpec: Interface = {
  name: standard.properties,
  methods: [
    {
      name: 'Get',
      takes: [
        ['interface_name', 's'],
        ['property_name', 's'],
      ],
      gives: [['value', 'v']],
    },
    { name: 'GetAll', takes: [['interface_name', 's']], gives: [['props', 'a{sv}']] },
    {
      name: 'Set',
      takes: [
        ['interface_name', 's'],
        ['property_name', 's'],
        ['value', 'v'],
      ],
      gives: [],
    },
  ],
  properties: [],
  signals: [
    {
      name: 'PropertiesChanged',
      gives: [
        ['interface_name', 's'],
        ['changed_properties', 'a{sv}'],
        ['invalidated_properties', 'as'],
      ],
    },
  ],
};

export const objectManagerSpec: Interface = {
  name: standard.objectManager,
  methods: [
    {
      name: 'GetManagedObjects',
      takes: [],
      gives: [['object_paths_interfaces_and_properties', 'a{oa{sa{sv}}}']],
    },
  ],
  properties: [],
  signals: [
    {
      name: 'InterfacesAdded',
      gives: [
        ['object_path', 'o'],
        ['interfaces_and_properties', 'a{sa{sv}}'],
      ],
    },
    {
      name: 'InterfacesRemoved',
      gives: [
        ['object_path', 'o'],
        ['interfaces', 'as'],
      ],
    },
  ],
};
