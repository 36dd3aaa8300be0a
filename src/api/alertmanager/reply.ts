/**
 * What Alertmanager's clients are answered. amtool decodes an error as a JSON text; an object, a
 * problem document or a body beside 204 breaks it (reference/alertmanager-v2.md, 9.4). What does
 * not fit the schema is told as go-openapi tells it, as an object with a code.
 */

export interface Reply {
  /** Of HTTP. */
  readonly status: number;
  /** Left out: an empty body. A text is sent as a JSON text. */
  readonly body?: unknown;
  /** What the body is: `metrics` is Prometheus' text format; JSON where left out. */
  readonly type?: 'json' | 'text' | 'metrics';
}

export const done = (body?: unknown): Reply => ({ status: 200, body });

export const refused = (why: string, status: 400 | 404 | 500 = 400): Reply => ({
  status,
  body: why,
});

/** Real Alertmanager sends no body here. */
export const notFound: Reply = { status: 404 };

/** Codes of go-openapi/errors: 601 of the wrong form, 602 missing, 612 too few. */
export const misfit = (code: 601 | 602 | 612, message: string): Reply => ({
  status: 422,
  body: { code, message },
});
