/**
 * A program for the inside of a container: a receiver of webhooks and one of mails, which write
 * what arrives into a file, one JSON value a line. `node sinks.ts FILE HTTP-PORT SMTP-PORT`.
 */
import { appendFileSync } from 'node:fs';
import { openHttpSink } from './http-sink.ts';
import { openSmtpSink, partOf } from './smtp-sink.ts';

const [file = '', httpPort, smtpPort] = process.argv.slice(2);
const note = (line: object): void => appendFileSync(file, `${JSON.stringify(line)}\n`);

const http = await openHttpSink({ port: Number(httpPort) });
const smtp = await openSmtpSink({ port: Number(smtpPort) });

async function noteRequests(): Promise<void> {
  for (let count = 1; ; count += 1) {
    const { path, headers, body } = (await http.wait(count))[count - 1] ?? {};
    note({ to: 'http', path, headers, body });
  }
}

async function noteMails(): Promise<void> {
  for (let count = 1; ; count += 1) {
    const mail = (await smtp.wait(count))[count - 1];
    if (mail === undefined) continue;
    const headers = Object.fromEntries(mail.headers);
    note({ to: 'smtp', path: mail.to.join(), headers, body: partOf(mail.raw, 'text/plain') });
  }
}

await Promise.all([noteRequests(), noteMails()]);
