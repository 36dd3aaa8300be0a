/** Whether tocsind sees what it should: settings, rules and sources. */
import { renderComplaint } from '../../domain/rule.ts';
import { loadWith } from '../commands/rule-files.ts';
import type { ComponentView, RuleView } from '../views.ts';
import { noAnswer } from './bus.ts';
import type { Check } from './check.ts';
import { type Finding, ok, orOk, problem, Unseen, unknown } from './finding.ts';
import type { Scene } from './scene.ts';

/** More would hide the rest. */
const complaintsMax = 5;
const apply = 'systemctl reload tocsin';

export const settingsCheck: Check = {
  name: 'settings',
  async look(scene) {
    const { complaints } = await scene.settings();
    const why = 'tocsind keeps what it had before, and would not start again with them.';
    const found = complaints
      .slice(0, complaintsMax)
      .map((one) => problem(renderComplaint(one), why, `mend the line, then: ${apply}`));
    return orOk(found, `${scene.places.config} and its drop-ins are right`);
  },
};

/** A rule of this site that can never fire: nothing of its kind is here. */
async function judgeIdle(scene: Scene): Promise<readonly Finding[]> {
  const rows = await scene.daemon.rules();
  const [, ...ofSite] = scene.places.rulesDirs;
  const own = rows.filter(({ file }) => ofSite.some((folder) => file.startsWith(`${folder}/`)));
  const kinds = [...new Set(own.map(({ kind }) => kind))];
  const idle: string[] = [];
  for (const kind of kinds) {
    if (!(await scene.daemon.has(kind))) idle.push(kind);
  }
  const tell = ({ id, kind, file, line }: RuleView): Finding =>
    problem(
      `rule ${id} (${file}:${line}) matches nothing: there is no ${kind} here`,
      'It can never fire, and somebody believes that it watches.',
      `tocsin rule show ${id}; write another kind, or remove it; then: ${apply}`,
    );
  return own.filter(({ kind }) => idle.includes(kind)).map(tell);
}

const noRules = (folders: readonly string[]): Finding =>
  problem(
    `there is no rule in ${folders.join(', ')}`,
    'tocsind sees everything, and nothing of it is ever an alert.',
    `apt-get install --reinstall tocsin; then: ${apply}`,
  );

export const rulesCheck: Check = {
  name: 'rules',
  async look(scene) {
    const { loaded, complaints } = loadWith(scene.files, scene.places.rulesDirs, []);
    const errors = complaints.filter(({ level }) => level === 'error').slice(0, complaintsMax);
    if (errors.length > 0) {
      const why = 'tocsind keeps the rules it had before, and would not start again with these.';
      return errors.map((one) =>
        problem(renderComplaint(one), why, `mend the line, then: tocsin rule check && ${apply}`),
      );
    }
    const count = loaded.compiled.length;
    if (count === 0) return [noRules(scene.places.rulesDirs)];
    try {
      await scene.health();
    } catch (error) {
      if (!(error instanceof Unseen)) throw error;
      return [ok(`${count} rules`), unknown(`whether one matches nothing: ${error.message}`)];
    }
    return orOk(await judgeIdle(scene), `${count} rules, and none of this site is idle`);
  },
};

/** Told by checks of their own. */
const elsewhere = ['database', 'history', 'delivery', 'relay'];

/** What comes of it, of components that are no source. */
const whys = new Map([
  ['configuration', 'The settings and rules from before are in force.'],
  ['bus', noAnswer],
  ['engine', 'What is left out raises no alert.'],
  ['readings', 'What happens now is missing where a rule is tried on the past.'],
]);

function judgeComponent(name: string, { status, reason }: ComponentView): Finding {
  const what = `${name} is ${status}: ${reason ?? 'no reason is known'}`;
  const why = whys.get(name) ?? 'Nothing new is noticed there; its alerts keep their last state.';
  const mend =
    name === 'configuration'
      ? `tocsin config check; tocsin rule check; then: ${apply}`
      : `tocsin health, and what it says: journalctl -u tocsin -g ${name} -n 20`;
  return problem(what, why, mend);
}

export const sourcesCheck: Check = {
  name: 'sources',
  async look(scene) {
    const { components = {}, ready, blind = [] } = await scene.health();
    const all = Object.entries(components).filter(([name]) => !elsewhere.includes(name));
    const ill = all.filter(([, { status }]) => status !== 'healthy');
    const absent = all
      .filter(([, { status, reason }]) => status === 'healthy' && reason !== null)
      .map(([name]) => name);
    const open = blind.filter(
      ({ source, until }) => until === null && !ill.some(([name]) => name === source),
    );
    const found = [
      ...ill.map(([name, component]) => judgeComponent(name, component)),
      ...open.map(({ source, since, why }) =>
        problem(
          `${source} is blind since ${since}: ${why}`,
          'What happens there meanwhile is not noticed.',
          `tocsin health; journalctl -u tocsin -g ${source} -n 20`,
        ),
      ),
    ];
    const missing = absent.length === 0 ? '' : `; not on this machine: ${absent.join(', ')}`;
    const early = ready === false ? ' (not everything is read yet)' : '';
    return found.length > 0 ? found : [ok(`${all.length} seen${missing}${early}`)];
  },
};
