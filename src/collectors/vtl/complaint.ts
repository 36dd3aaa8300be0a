/** What is wrong in a settings file of mhvtl, at the line where it is wrong. */

export interface VtlComplaint {
  readonly path: string;
  /** From 1; 0 where the file as a whole is meant. */
  readonly line: number;
  readonly message: string;
}

/** `/etc/mhvtl/device.conf:12: …` */
export const renderVtlComplaint = ({ path, line, message }: VtlComplaint): string =>
  line === 0 ? `${path}: ${message}` : `${path}:${line}: ${message}`;

/** Complaints shown in full; the others are counted. */
const complaintsShownMax = 3;

/** All complaints as one text; null when there is none. */
export function summarizeComplaints(complaints: readonly VtlComplaint[]): string | null {
  if (complaints.length === 0) return null;
  const shown = complaints.slice(0, complaintsShownMax).map(renderVtlComplaint);
  const more = complaints.length - shown.length;
  return shown.join('; ') + (more > 0 ? `; and ${more} more` : '');
}

/** What was written, short enough to be shown in a complaint. */
export const quoted = (text: string): string =>
  JSON.stringify(text.length > 60 ? `${text.slice(0, 57)}…` : text);

/** The lines of a text with their numbers from 1, without comments; blank ones are kept. */
export function linesOf(text: string): { readonly number: number; readonly text: string }[] {
  return text
    .split('\n')
    .map((line, i) => ({ number: i + 1, text: line.trimEnd() }))
    .filter((line) => !line.text.trimStart().startsWith('#'));
}
