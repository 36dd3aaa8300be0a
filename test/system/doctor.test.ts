/**
 * `tocsin doctor` on a real systemd: a healthy installation is told to be healthy, each of the
 * things that we break is named, and the command that the doctor gives mends it.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type Appliance, bootAppliance, eventually } from '../support/appliance.ts';

interface Finding {
  readonly check: string;
  readonly verdict: 'ok' | 'problem' | 'unknown' | 'not-applicable';
  readonly what: string;
  readonly why: string | null;
  readonly mend: string | null;
  readonly lines: readonly string[];
}

/** A program is a channel that reaches somebody, and needs no network. */
const settings = `
channels:
  program: { type: exec, command: [/usr/bin/tee, /var/lib/tocsin/told], groupWait: 0s }
`;
const idle = `
rules:
  - id: mine
    kind: tape.drive
    when: drive.cleaningRequired
    severity: warning
    source: tape
    title: "{{ drive.id }} must be cleaned"
`;

interface Breakage {
  readonly name: string;
  /** Breaks it, as a line for /bin/sh. */
  readonly harm: string;
  readonly check: string;
  readonly what: RegExp;
  /** Mends it where the doctor's own words are for people. */
  readonly mend?: string;
}

const breakages: readonly Breakage[] = [
  {
    name: 'a service that does not start with the machine',
    harm: 'systemctl disable tocsin.service',
    check: 'service',
    what: /tocsin\.service is disabled/,
  },
  {
    name: 'a masked service',
    harm: 'systemctl stop tocsin && systemctl mask --runtime tocsin.service',
    check: 'service',
    what: /tocsin\.service is masked/,
    mend: 'systemctl unmask --runtime tocsin.service && systemctl restart tocsin-local.socket tocsin.service',
  },
  {
    name: 'settings with which it does not start',
    harm: 'echo "retention: { agee: 1d }" >/etc/tocsin/tocsin.yaml.d/bad.yaml; systemctl restart tocsin',
    check: 'service',
    what: /does not run: ended with status 78/,
    mend: 'rm /etc/tocsin/tocsin.yaml.d/bad.yaml; systemctl restart tocsin-local.socket tocsin',
  },
  {
    name: 'the same settings, by file and line',
    harm: 'echo "retention: { agee: 1d }" >/etc/tocsin/tocsin.yaml.d/bad.yaml',
    check: 'settings',
    what: /bad\.yaml:1:14: .*did you mean "age"/,
    mend: 'rm /etc/tocsin/tocsin.yaml.d/bad.yaml',
  },
  {
    name: 'a socket that somebody removed',
    harm: 'rm /run/tocsin/api.sock',
    check: 'sockets',
    what: /api\.sock is gone/,
  },
  {
    name: 'a socket that is open to everybody',
    harm: 'chmod 0666 /run/tocsin/api.sock',
    check: 'sockets',
    what: /api\.sock has mode 0666, not 0660/,
  },
  {
    name: 'a state folder that others can read',
    harm: 'chmod 0755 /var/lib/tocsin',
    check: 'permissions',
    what: /\/var\/lib\/tocsin has mode 0755, not 0750/,
  },
  {
    name: 'settings that everybody may write',
    harm: 'chmod 0666 /etc/tocsin/tocsin.yaml',
    check: 'permissions',
    what: /tocsin\.yaml has mode 0666, not 0644/,
  },
  {
    name: 'a daemon that may not read the journal',
    harm: 'gpasswd -d tocsin systemd-journal',
    check: 'accounts',
    what: /not in the group systemd-journal/,
  },
  {
    name: 'a policy of the bus that is missing',
    harm: 'mv /usr/share/dbus-1/system.d/org.tocsin1.conf /root/',
    check: 'bus-files',
    what: /org\.tocsin1\.conf is missing/,
    mend: 'mv /root/org.tocsin1.conf /usr/share/dbus-1/system.d/',
  },
  {
    name: 'actions that polkit does not know',
    harm: 'mv /usr/share/polkit-1/actions/org.tocsin1.policy /root/',
    check: 'polkit',
    what: /org\.tocsin1\.policy is missing/,
    mend: 'mv /root/org.tocsin1.policy /usr/share/polkit-1/actions/',
  },
  {
    name: 'an upgrade that has not come into force',
    harm: "sed -i.before '/^Package: tocsin$/,/^$/s/^Version: .*/Version: 99.0/' /var/lib/dpkg/status",
    check: 'versions',
    what: /tocsind \S+ runs, and 99\.0 is installed/,
    mend: 'mv /var/lib/dpkg/status.before /var/lib/dpkg/status',
  },
  {
    name: 'a rule of this site for what is not here',
    harm: 'systemctl reload tocsin',
    check: 'rules',
    what: /rule mine .* matches nothing: there is no tape\.drive here/,
    mend: 'rm /etc/tocsin/rules.d/mine.yaml; systemctl reload tocsin',
  },
  {
    name: 'a channel that nobody has tested, without its secret and without its relay',
    harm: 'systemctl reload tocsin',
    check: 'channels',
    what: /channel hook was never tested/,
    mend: 'rm /etc/tocsin/tocsin.yaml.d/hook.yaml; systemctl reload tocsin',
  },
  {
    name: 'nobody to tell',
    harm: 'mv /etc/tocsin/tocsin.yaml /root/; systemctl reload tocsin',
    check: 'somebody',
    what: /nobody is told of alerts/,
    mend: 'mv /root/tocsin.yaml /etc/tocsin/; systemctl reload tocsin',
  },
];

/** Files that a breakage needs, written before it. */
const files: Readonly<Record<string, readonly [path: string, text: string]>> = {
  rules: ['/etc/tocsin/rules.d/mine.yaml', idle],
  channels: [
    '/etc/tocsin/tocsin.yaml.d/hook.yaml',
    'channels: { hook: { type: webhook, url: "https://hook.test/", token: { credential: tocsin.token } } }\n',
  ],
};

describe('tocsin doctor on an installed package', { timeout: 300_000 }, () => {
  let appliance: Appliance;
  before(async () => {
    appliance = await bootAppliance({ files: { 'etc/tocsin/tocsin.yaml': settings } });
    await appliance.answers();
    await appliance.container.run(
      'mkdir -p /etc/tocsin/tocsin.yaml.d; tocsin channel test program',
    );
  });
  after(() => appliance?.stop());

  async function examine(user?: string): Promise<{ status: number | null; found: Finding[] }> {
    const { exitStatus, stdout, stderr } = await appliance.container.exec(
      ['tocsin', 'doctor', '-o', 'json'],
      user === undefined ? {} : { user },
    );
    assert.equal(stderr, '');
    return { status: exitStatus, found: JSON.parse(stdout) as Finding[] };
  }
  const problemsIn = (found: readonly Finding[]): readonly string[] =>
    found.flatMap(({ check, verdict, what }) =>
      verdict === 'problem' ? [`${check}: ${what}`] : [],
    );

  /** A daemon that was just started has not read everything, and says so. */
  async function isWell(): Promise<void> {
    let last: readonly string[] = [];
    await eventually('the doctor finds nothing', async () => {
      const { status, found } = await examine();
      last = problemsIn(found);
      return status === 0 || undefined;
    }).catch((error: unknown) => {
      throw new Error(`${String(error)}\n${last.join('\n')}`);
    });
  }

  it('finds nothing wrong with a healthy one, and can see everything as root', async () => {
    await isWell();
    const { found } = await examine();
    assert.deepEqual(
      found.filter(({ verdict }) => verdict === 'unknown'),
      [],
    );
  });

  it('says to others what they may not see, and calls it neither well nor wrong', async () => {
    const { status, found } = await examine('nobody');
    assert.deepEqual([status, problemsIn(found)], [0, []]);
    const hidden = found.filter(({ verdict }) => verdict === 'unknown').map(({ check }) => check);
    assert.ok(hidden.includes('answer') && hidden.includes('database'), hidden.join(', '));
  });

  for (const { name, harm, check, what, mend } of breakages) {
    it(`names ${name}, and says how it is mended`, async () => {
      const file = files[check];
      if (file !== undefined) appliance.container.writeFile(...file);
      await appliance.container.exec(harm);
      const { status, found } = await examine();
      const met = found.find((one) => one.check === check && what.test(one.what));
      assert.equal(met?.verdict, 'problem', JSON.stringify(found, null, 1));
      assert.equal(status, 3);
      assert.ok(met.why, 'it says why it matters');
      await appliance.container.run(mend ?? met.mend ?? 'false');
      await isWell();
    });
  }

  it('works without the daemon, and shows what that said last', async () => {
    const bad = 'echo "channels: 3" >/etc/tocsin/tocsin.yaml.d/bad.yaml; systemctl restart tocsin';
    await appliance.container.exec(bad);
    const { stdout, exitStatus } = await appliance.container.exec('tocsin doctor');
    assert.equal(exitStatus, 3);
    assert.match(stdout, /PROBLEM {2}service .*tocsin\.service does not run/);
    assert.match(stdout, / {2}\| .*bad\.yaml:1:11/);
    await appliance.container.run('rm /etc/tocsin/tocsin.yaml.d/bad.yaml');
  });
});
