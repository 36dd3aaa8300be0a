/** Operations of tocsind by name, as commands ask for them; the client knows where they are. */
import type { OperationName } from '../../client/client.ts';

export type RouteName = OperationName;

/** Values of the query; a list is a name that comes more than once. */
export type Query = Readonly<
  Record<string, string | readonly string[] | number | boolean | undefined>
>;
