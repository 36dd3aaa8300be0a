/** What the documents are made of, and what both of them say. */

export type Json = Readonly<Record<string, unknown>>;

/** A JSON Schema of an object, as far as the documents look into it. */
export interface ObjectSchema {
  readonly properties?: Readonly<Record<string, Json>>;
  readonly required?: readonly string[];
}

export const isRecord = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Documents must name somebody; whoever reads this one is at the right machine. */
export const contact: Json = {
  name: 'the administrator of this appliance',
  url: 'https://localhost/',
  email: 'root@localhost.localdomain',
};
