/**
 * The script of the web page, as text. It keeps the list by the stream, and reads it anew when the
 * stream begins, and when it says that something was left out.
 */
export const pageScript = `'use strict';
const byId = (id) => document.getElementById(id);
const table = document.querySelector('table');
const body = document.querySelector('tbody');
const alerts = new Map();
const weight = { critical: 2, warning: 1, info: 0 };
/** All are known, and these drawn: a table of 20,000 rows holds the browser up. */
const rowsMax = 2000;

function cell(row, text, small) {
  const td = row.insertCell();
  td.append(text);
  if (small) {
    const p = document.createElement('p');
    p.append(small);
    td.append(p);
  }
}

// Rows are drawn anew, and whoever has gone to one with the keyboard stays there.
function draw() {
  const focused = document.activeElement?.id;
  const rows = [...alerts.values()].sort((a, b) =>
    weight[b.severity] - weight[a.severity] || (a.startsAt < b.startsAt ? 1 : -1));
  body.replaceChildren();
  for (const alert of rows.slice(0, rowsMax)) {
    const row = body.insertRow();
    row.id = 'alert-' + alert.id;
    row.tabIndex = 0;
    row.className = alert.severity + (alert.acknowledged ? ' acknowledged' : '');
    cell(row, alert.severity + (alert.acknowledged ? ' (acknowledged)' : ''));
    cell(row, alert.title, alert.advice);
    cell(row, alert.resource.id, alert.resource.kind);
    cell(row, new Date(alert.startsAt).toLocaleString());
  }
  if (focused?.startsWith('alert-')) byId(focused)?.focus();
  table.hidden = rows.length === 0;
  byId('state').textContent = problem || said(rows.length);
}

function said(count) {
  if (count === 0) return 'none';
  return count + ' firing' + (count > rowsMax ? ', the worst ' + rowsMax + ' are shown' : '');
}

/** Why what is shown may not be all; empty when it is all. */
let problem = '';
let isDrawDue = false;

// A thousand alerts in a second are a few drawings, or the browser does nothing else for a minute.
function drawSoon() {
  if (isDrawDue) return;
  isDrawDue = true;
  setTimeout(() => {
    isDrawDue = false;
    draw();
  }, 200);
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

async function list() {
  const found = [];
  let cursor = '';
  do {
    const page = await ask('/api/v1/monitoring/alerts?limit=1000' + cursor);
    found.push(...page.items);
    cursor = page.nextCursor === null ? '' : '&cursor=' + encodeURIComponent(page.nextCursor);
  } while (cursor !== '');
  return found;
}

/** How often the list was asked for: only the last answer counts. */
let asked = 0;
/** What the stream told while the list was on its way, which need not be in it. */
let cameMeanwhile;

async function load() {
  asked += 1;
  const turn = asked;
  cameMeanwhile = [];
  try {
    const found = await list();
    if (turn !== asked) return;
    alerts.clear();
    [...found, ...cameMeanwhile].forEach(take);
    cameMeanwhile = undefined;
    problem = '';
  } catch (error) {
    if (turn !== asked) return;
    problem = error.message;
    setTimeout(() => turn === asked && load(), 5000);
  }
  draw();
}

async function showHealth() {
  const health = await fetch('/api/v1/health').then((answer) => answer.json()).catch(() => ({}));
  // A web server whose tocsin does not answer says a number.
  const status = typeof health.status === 'string' ? health.status : 'health not known';
  byId('health').textContent = status + (health.version ? ', version ' + health.version : '');
}

let stream;
let isIn = false;

// The stream first, then the list: what changes in between comes by the stream.
function follow() {
  // Two askings at once, of a retry and of a login, may both come here.
  stream?.close();
  stream = new EventSource('/api/v1/monitoring/events?types=alert');
  stream.onmessage = ({ data }) => {
    const message = JSON.parse(data);
    if (message.type === 'alert') {
      take(message.data);
      cameMeanwhile?.push(message.data);
      drawSoon();
    } else load();
  };
  stream.onerror = () => {
    problem = 'not connected to tocsin, trying again';
    draw();
    // Refused, not broken: the session may be over.
    if (stream.readyState === EventSource.CLOSED) setTimeout(begin, 1000);
  };
  load();
}

/** Shows the alerts to who may see them, and the form to everybody else. */
async function begin() {
  stream?.close();
  const who = await ask('/api/v1/session').catch(() => undefined);
  if (who === undefined) return void setTimeout(begin, 5000);
  const known = who.role !== 'none';
  byId('login').hidden = known;
  byId('list').hidden = !known;
  byId('who').hidden = who.by !== 'session';
  byId('name').textContent = who.name + ', ' + who.role;
  showHealth();
  const isOver = isIn && !known;
  isIn = known;
  if (known) return follow();
  // Nothing of what was shown stays in the page, where the next person could find it.
  asked += 1;
  alerts.clear();
  draw();
  if (isOver) byId('refused').textContent = 'your session is over: log in again';
  byId('token').focus();
}

byId('login').addEventListener('submit', (event) => {
  event.preventDefault();
  const token = byId('token').value.trim();
  byId('token').value = '';
  byId('refused').textContent = '';
  const headers = { Authorization: 'Bearer ' + token };
  const login = ask('/api/v1/session', { method: 'POST', headers }).then(begin);
  login.then(() => byId('firing').focus(), (error) => {
    byId('refused').textContent = error.message;
  });
});

byId('leave').addEventListener('click', () => {
  const headers = { 'X-Tocsin-CSRF': '1' };
  const logout = ask('/api/v1/session', { method: 'DELETE', headers });
  logout.then(() => {
    isIn = false;
    return begin();
  }, (error) => {
    problem = error.message;
    draw();
  });
});

setInterval(showHealth, 30000);
begin();
`;
