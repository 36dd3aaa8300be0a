/** The three files of the web page, as text: nothing to find on a disk. */

export const pageHtml = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>tocsin</title>
<link rel="stylesheet" href="/page.css">
</head>
<body>
<header><h1>tocsin</h1><p id="health" role="status">asking…</p>
<p id="who" hidden><span id="name"></span> <button id="leave" type="button">Log out</button></p>
</header>
<form id="login" hidden>
<p><label for="token">Token</label>
<input id="token" type="password" autocomplete="off" spellcheck="false" required>
<button>Log in</button></p>
<p id="refused" role="alert"></p>
<p>Somebody with the role admin makes one on the machine:
<code>tocsin token create NAME --role viewer</code></p>
</form>
<main hidden>
<h2>Firing alerts</h2>
<p id="state" role="status">loading…</p>
<table hidden>
<thead><tr><th>Severity</th><th>Alert</th><th>Resource</th><th>Since</th></tr></thead>
<tbody></tbody>
</table>
</main>
<footer>
<p>For programs: <a href="/api/v1/openapi.json">API</a>,
<a href="/problems">problem codes</a>,
<a href="/readyz?verbose">readiness</a>. On this machine: <code>tocsin status</code>.</p>
</footer>
<script src="/page.js" defer></script>
</body>
</html>
`;

export const pageStyle = `
body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 70rem; }
body { padding: 0 1rem; }
header { display: flex; gap: 1rem; align-items: baseline; flex-wrap: wrap; }
#who { margin-left: auto; }
#token { font: inherit; width: 30rem; max-width: 100%; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .4rem .8rem .4rem 0; }
th, td { border-bottom: 1px solid #8884; }
td p { margin: 0; opacity: .8; }
.critical td:first-child { color: #b00020; font-weight: bold; }
.warning td:first-child { color: #8a5a00; font-weight: bold; }
.acknowledged { opacity: .6; }
@media (prefers-color-scheme: dark) {
  body { background: #111; color: #eee; }
  a { color: #8cf; }
  .critical td:first-child { color: #ff6b81; }
  .warning td:first-child { color: #ffc14d; }
}
`;

/** Keeps the list by the stream; reads it again after a resync or a reconnect without resume. */
export const pageScript = `'use strict';
const byId = (id) => document.getElementById(id);
const table = document.querySelector('table');
const body = document.querySelector('tbody');
const alerts = new Map();
const weight = { critical: 2, warning: 1, info: 0 };

function cell(row, text, small) {
  const td = row.insertCell();
  td.append(text);
  if (small) {
    const p = document.createElement('p');
    p.append(small);
    td.append(p);
  }
}

function draw() {
  const rows = [...alerts.values()].sort((a, b) =>
    weight[b.severity] - weight[a.severity] || (a.startsAt < b.startsAt ? 1 : -1));
  body.replaceChildren();
  for (const alert of rows) {
    const row = body.insertRow();
    row.className = alert.severity + (alert.acknowledged ? ' acknowledged' : '');
    cell(row, alert.severity + (alert.acknowledged ? ' (acknowledged)' : ''));
    cell(row, alert.title, alert.advice);
    cell(row, alert.resource.id, alert.resource.kind);
    cell(row, new Date(alert.startsAt).toLocaleString());
  }
  table.hidden = rows.length === 0;
  byId('state').textContent = rows.length === 0 ? 'none' : rows.length + ' firing';
}

function take(alert) {
  if (alert.phase === 'firing') alerts.set(alert.id, alert);
  else alerts.delete(alert.id);
}

async function ask(path, more) {
  const answer = await fetch(path, more);
  if (answer.ok) return answer.json();
  const problem = await answer.json().catch(() => ({}));
  throw new Error(problem.detail || problem.title || 'HTTP ' + answer.status);
}

async function load() {
  const found = [];
  let cursor = '';
  do {
    const page = await ask('/api/v1/monitoring/alerts?limit=1000' + cursor);
    found.push(...page.items);
    cursor = page.nextCursor === null ? '' : '&cursor=' + encodeURIComponent(page.nextCursor);
  } while (cursor !== '' && found.length < 5000);
  alerts.clear();
  found.forEach(take);
  draw();
}

async function showHealth() {
  const answer = await fetch('/api/v1/health');
  const health = await answer.json();
  const version = health.version ? ', version ' + health.version : '';
  byId('health').textContent = health.status + version;
}

const complain = (error) => {
  byId('state').textContent = error.message;
};

let stream;

// The stream first, then the list: what changes in between comes by the stream.
function follow() {
  stream = new EventSource('/api/v1/monitoring/events?types=alert');
  stream.onmessage = ({ data }) => {
    const message = JSON.parse(data);
    if (message.type === 'alert') {
      take(message.data);
      draw();
    } else load().catch(complain);
  };
  stream.onerror = () => {
    byId('state').textContent = 'not connected to tocsin, trying again';
    // Refused, not broken: the session may be over.
    if (stream.readyState === EventSource.CLOSED) setTimeout(begin, 1000);
  };
  load().catch(complain);
}

/** Shows the alerts to who may see them, and the form to everybody else. */
async function begin() {
  stream?.close();
  const who = await ask('/api/v1/session').catch(() => undefined);
  if (who === undefined) return void setTimeout(begin, 5000);
  const known = who.role !== 'none';
  byId('login').hidden = known;
  document.querySelector('main').hidden = !known;
  byId('who').hidden = who.by !== 'session';
  byId('name').textContent = who.name + ', ' + who.role;
  showHealth().catch(complain);
  if (known) follow();
  else alerts.clear();
}

byId('login').addEventListener('submit', (event) => {
  event.preventDefault();
  const token = byId('token').value.trim();
  byId('token').value = '';
  byId('refused').textContent = '';
  const headers = { Authorization: 'Bearer ' + token };
  ask('/api/v1/session', { method: 'POST', headers }).then(begin, (error) => {
    byId('refused').textContent = error.message;
  });
});

byId('leave').addEventListener('click', () => {
  const headers = { 'X-Tocsin-CSRF': '1' };
  ask('/api/v1/session', { method: 'DELETE', headers }).then(begin, complain);
});

setInterval(() => showHealth().catch(complain), 30000);
begin();
`;
