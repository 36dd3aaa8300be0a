/** Two files of the web page, as text: nothing to find on a disk. Its script is beside it. */

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
<main>
<form id="login" hidden>
<p><label for="token">Token</label>
<input id="token" type="password" autocomplete="off" spellcheck="false" required>
<button>Log in</button></p>
<p id="refused" role="alert"></p>
<p>Somebody with the role admin makes one on the machine:
<code>tocsin token create NAME --role viewer</code></p>
</form>
<section id="list" hidden>
<h2 id="firing" tabindex="-1">Firing alerts</h2>
<p id="state" role="status">loading…</p>
<table hidden>
<thead><tr><th>Severity</th><th>Alert</th><th>Resource</th><th>Since</th></tr></thead>
<tbody></tbody>
</table>
</section>
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
body { padding: 0 1rem; overflow-wrap: anywhere; }
header { display: flex; gap: 1rem; align-items: baseline; flex-wrap: wrap; }
#who { margin-left: auto; }
#token { font: inherit; width: 30rem; max-width: 100%; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .4rem .8rem .4rem 0; }
th, td { border-bottom: 1px solid #8884; }
td p { margin: 0; opacity: .8; }
.critical td:first-child { color: #b00020; font-weight: bold; }
.warning td:first-child { color: #8a5a00; font-weight: bold; }
@media (prefers-color-scheme: dark) {
  body { background: #111; color: #eee; }
  a { color: #8cf; }
  .critical td:first-child { color: #ff6b81; }
  .warning td:first-child { color: #ffc14d; }
}
/* Fainter, but with a contrast that can be read: without the colour of its severity. */
.acknowledged { opacity: .8; }
.acknowledged td:first-child { color: inherit; font-weight: normal; }
@media (max-width: 40rem) {
  table:not([hidden]), tbody, tr, td { display: block; }
  thead { display: none; }
  tr { border-bottom: 1px solid #8884; padding: .4rem 0; }
  td { border: 0; padding: 0; }
}
`;
