/** The name of this machine. */
import { hostname } from 'node:os';

/** As gethostname(2) has it: without the domain, as a rule. */
export const hostName = (): string => hostname();
