import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { isSetting } from '../config/readers.ts';
import { channelTypes } from './registry.ts';

test('to know what can be set, neither a mail nor an HTTP client is loaded', () => {
  const look = `
    const { registerHooks } = await import('node:module');
    const seen = [];
    registerHooks({ load: (url, context, next) => (seen.push(url), next(url, context)) });
    await import('./src/delivery/registry.ts');
    console.log(JSON.stringify(seen));
  `;
  const said = execFileSync(process.execPath, ['--input-type=module', '-e', look], {
    cwd: `${import.meta.dirname}/../..`,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const seen = JSON.parse(said) as readonly string[];
  assert.ok(seen.some((url) => url.endsWith('/delivery/channels/mail/channel.ts')));
  const heavy = /nodemailer|platform\/(http|mail|reach)\.ts|^node:(https?|tls|net)$/;
  assert.deepEqual(
    seen.filter((url) => heavy.test(url)),
    [],
  );
});

test('every type and every setting says what it is for, in one way', () => {
  assert.equal(new Set(channelTypes.map(({ type }) => type)).size, channelTypes.length);
  for (const { type, settings } of channelTypes) {
    for (const [name, setting] of Object.entries(settings)) {
      assert.ok(isSetting(setting) && setting.help.endsWith('.'), `${type}.${name}`);
    }
  }
});
