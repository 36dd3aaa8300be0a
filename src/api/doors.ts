/** The doors for HTTP: the same house behind each, and other ways to know who comes. */
export type Door = 'local' | 'api' | 'listen';
