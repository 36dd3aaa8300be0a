/** org.tocsin1.Alert: one firing alert as an object; its properties are the fields of the alert. */
import { acknowledgeAlert, resolveAlert } from '../operations/alert.ts';
import { type AlertView, alert } from '../operations/schemas.ts';
import type { BusVariant } from '../platform/system-bus.ts';
import { outputOf, textInput, withoutEmpty } from './ask.ts';
import { type Emits, type Interface, type Method, textAt } from './member.ts';
import { alertInterface } from './names.ts';
import { type Form, formOfSchema } from './values.ts';

export const alertForm = formOfSchema(alert);

const neverChange = ['id', 'rule', 'origin', 'fingerprint'];
/** Long, and of interest to few: they read it when they want it. */
const announcedByName = ['evidence'];

const emitsOf = (field: string): Emits => {
  if (neverChange.includes(field)) return 'const';
  return announcedByName.includes(field) ? 'invalidates' : 'true';
};

interface Field {
  readonly field: keyof AlertView;
  readonly name: string;
  readonly emits: Emits;
  readonly form: Form;
}

/** `startsAt` is the property StartsAt. */
const fields: readonly Field[] = Object.entries(alert.properties).map(([field, schema]) => ({
  field: field as keyof AlertView,
  name: `${field.charAt(0).toUpperCase()}${field.slice(1)}`,
  emits: emitsOf(field),
  form: formOfSchema(schema),
}));

const variantOf = ({ field, form }: Field, view: AlertView): BusVariant => {
  const value = view[field];
  if (value !== null) return form.variant(value);
  return form.signature === 'v'
    ? (form.empty as BusVariant)
    : { signature: form.signature, value: form.empty };
};

/** All properties; what is null has the empty value of its type. */
export const alertProperties = (view: AlertView): ReadonlyMap<string, BusVariant> =>
  new Map(fields.map((one) => [one.name, variantOf(one, view)]));

export interface ChangedProperties {
  readonly values: ReadonlyMap<string, BusVariant>;
  readonly names: readonly string[];
}

/** What PropertiesChanged says of the step from one state of the alert to the next. */
export function changedProperties(before: AlertView, after: AlertView): ChangedProperties {
  const differs = ({ field }: Field): boolean =>
    before[field] !== after[field] &&
    JSON.stringify(before[field]) !== JSON.stringify(after[field]);
  const changed = fields.filter(differs);
  const told = changed.filter(({ emits }) => emits !== 'invalidates');
  return {
    values: new Map(told.map((one) => [one.name, variantOf(one, after)])),
    names: changed.filter(({ emits }) => emits === 'invalidates').map(({ name }) => name),
  };
}

const comment = [['comment', 's']] as const;

/** The target is the alert's id. */
export const alertMethods: readonly Method<string>[] = [
  {
    name: 'Acknowledge',
    takes: comment,
    gives: [],
    action: 'acknowledge',
    async run(ask, body, id) {
      const said = withoutEmpty({ comment: textAt(body, 0) });
      await outputOf(ask, acknowledgeAlert, textInput({ id, ...said }));
      return [];
    },
  },
  {
    name: 'Resolve',
    takes: comment,
    gives: [],
    action: 'acknowledge',
    async run(ask, body, id) {
      const said = withoutEmpty({ comment: textAt(body, 0) });
      await outputOf(ask, resolveAlert, textInput({ id, ...said }));
      return [];
    },
  },
];

export const alertSpec: Interface = {
  name: alertInterface,
  methods: alertMethods,
  properties: fields.map(({ name, form, emits }) => ({ name, type: form.signature, emits })),
  signals: [],
};
