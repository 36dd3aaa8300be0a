/** `tocsin bundle`: one archive about one alert, for whoever helps. */
import { closeSync, writeFileSync } from 'node:fs';
import type { Context } from '../command.ts';
import { type ExitName, Stop } from '../exit.ts';
import { renderBytes } from '../output/resource-view.ts';
import { plainLine } from '../output/text.ts';
import { createIdFinder } from './find-alert.ts';
import { dropNew, openNew } from './new-file.ts';

function write(path: string, bytes: Buffer): void {
  const fd = openNew(path);
  try {
    writeFileSync(fd, bytes);
  } catch (error) {
    dropNew(path);
    throw new Stop('failed', `${path} cannot be written: ${(error as Error).message}`);
  } finally {
    closeSync(fd);
  }
}

export async function writeBundle(context: Context): Promise<ExitName> {
  const { api, args, printer } = context;
  const [given = '', path] = args;
  const { name, archive, files } = await api.bundle(await createIdFinder(api)(given));
  const bytes = Buffer.from(archive, 'base64');
  const target = path ?? name;
  write(target, bytes);
  const count = files.reduce(
    (sum, { redacted }) => sum + Object.values(redacted).reduce((all, one) => all + one, 0),
    0,
  );
  await printer.one({ file: target, files }, target, () => [
    plainLine(
      `${target}: ${renderBytes(bytes.length)}, ${files.length} files, ${count} redactions`,
    ),
    'Look into it before you pass it on; manifest.json says what each file holds.',
  ]);
  return 'done';
}
