/** The way of a browser: nginx, its settings, and whether it may open our socket. */
import type { Check } from './check.ts';
import { type Finding, notApplicable, ok, orOk, problem, unknown } from './finding.ts';
import { complaintOf, type Scene } from './scene.ts';
import { isRunning } from './units.ts';

const home = '/etc/nginx';
const snippet = `${home}/snippets/tocsin.conf`;

/** Texts of all files that nginx reads on Debian, one level deep. */
function readSites(scene: Scene): readonly string[] {
  const folders = ['sites-enabled', 'conf.d'].map((name) => `${home}/${name}`);
  const inside = folders.flatMap((folder) =>
    (scene.files.list(folder) ?? []).map(({ name }) => `${folder}/${name}`),
  );
  return [`${home}/nginx.conf`, ...inside].flatMap((path) => scene.files.readText(path) ?? []);
}

/** Ours is included, or somebody wrote the same by hand. */
const servesTocsin = (text: string): boolean =>
  /^[^#]*(snippets\/tocsin\.conf|unix:[^;]*\/tocsin\/api\.sock)/m.test(text);

async function judgeSettings(scene: Scene): Promise<readonly Finding[]> {
  if (scene.uid !== 0) return [unknown('nginx -t is for root')];
  const answer = await scene.run(['nginx', '-t', '-q']);
  if (answer?.exitStatus === 0) return [];
  const said = answer === undefined ? 'nginx is not to be found' : complaintOf(answer);
  const why = 'It keeps its old settings, and will not start with these.';
  return [problem(`nginx -t: ${said}`, why, 'mend that line, then: nginx -t && nginx -s reload')];
}

async function judgeUser(scene: Scene): Promise<readonly Finding[]> {
  const text = scene.files.readText(`${home}/nginx.conf`) ?? '';
  const user = /^\s*user\s+([^\s;]+)/m.exec(text)?.[1] ?? 'www-data';
  const groups = (await scene.read(['id', '-nG', user])).trim().split(' ');
  if (groups.includes('www-data')) return [];
  const what = `nginx runs as ${user}, which is not in the group www-data`;
  const mend = `adduser ${user} www-data && systemctl restart nginx`;
  return [problem(what, 'It may not open api.sock: browsers see 502.', mend)];
}

export const nginxCheck: Check = {
  name: 'nginx',
  async look(scene) {
    const unit = await scene.unit('nginx.service');
    if (unit.LoadState === 'not-found') return [notApplicable('nginx is not installed')];
    if (scene.facts(snippet) === undefined) {
      const why = 'Sites that include it are refused.';
      // dpkg takes a conffile that was deleted for a wish, unless it is told otherwise.
      const mend = 'apt-get install --reinstall -o Dpkg::Options::=--force-confmiss tocsin';
      return [problem(`${snippet} is missing`, why, mend)];
    }
    if (!readSites(scene).some(servesTocsin)) {
      const example = '/usr/share/doc/tocsin/examples/nginx.conf';
      return [notApplicable(`no site of nginx includes snippets/tocsin.conf; see ${example}`)];
    }
    const stopped = isRunning(unit)
      ? []
      : [problem('nginx does not run', 'Browsers reach nothing.', 'systemctl enable --now nginx')];
    const found = [...(await judgeSettings(scene)), ...stopped, ...(await judgeUser(scene))];
    return orOk(found, 'a site serves tocsin, its settings are right, and it may open api.sock');
  },
};

/** Asks through the socket of the web server as curl would; it needs no token to say it lives. */
export const webSocketCheck: Check = {
  name: 'web-socket',
  async look(scene) {
    if (scene.uid !== 0) return [unknown('api.sock is for root and www-data')];
    const path = `${scene.places.runtimeDir}/api.sock`;
    const status = await scene.ask(path, '/livez');
    if (status === 200) return [ok('tocsind answers there')];
    const mend =
      'systemctl stop tocsin && systemctl restart tocsin-api.socket && systemctl start tocsin';
    const what = typeof status === 'number' ? `${path} answers ${status}` : `${path}: ${status}`;
    return [problem(what, 'Browsers see 502.', mend)];
  },
};
