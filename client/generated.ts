/**
 * Made by tools/client.ts from the OpenAPI document: not to be changed by hand. `npm run accept`
 * makes it anew.
 */

export interface Alert {
  /** ULID of this occurrence */
  readonly id: string;
  readonly rule: string;
  readonly origin: 'rule' | 'hand' | 'pushed' | 'drill';
  readonly fingerprint: string;
  readonly severity: Severity;
  readonly source: Source;
  readonly phase: 'pending' | 'firing' | 'resolved';
  /** its source cannot be read: true as last known */
  readonly stale: boolean;
  readonly title: string;
  readonly message: string;
  readonly advice: string;
  readonly resource: ResourceRef;
  readonly labels: Readonly<Record<string, string>>;
  readonly startsAt: string;
  readonly detectedAt: string;
  /** tocsin was down or blind when it began */
  readonly foundLate: boolean;
  readonly firingAt: string | null;
  readonly updatedAt: string;
  readonly resolvedAt: string | null;
  readonly resolvedBy: string | null;
  /** resolved by hand, and its condition still holds */
  readonly stillTrue: boolean;
  readonly acknowledged: boolean;
  readonly acknowledgedBy: string | null;
  readonly acknowledgedAt: string | null;
  readonly acknowledgedUntil: string | null;
  readonly acknowledgedUntilChange: boolean;
  readonly comment: string | null;
  readonly mutedBy: readonly string[];
  readonly cause: string | null;
  readonly alternatives: readonly string[];
  readonly victims: readonly string[];
  readonly evidence: readonly Evidence[];
  readonly value: (boolean | number | string) | null;
  readonly occurrence: number;
  readonly seq: number;
}
export interface Brief {
  readonly id: string;
  readonly rule: string;
  readonly severity: Severity;
  readonly phase: 'pending' | 'firing' | 'resolved';
  readonly title: string;
  readonly resource: ResourceRef;
  readonly startsAt: string;
}
export interface Evidence {
  readonly type: 'journal' | 'attributes' | 'job' | 'note';
  readonly title: string;
  readonly lines: readonly string[];
}
export type Fact =
  | boolean
  | number
  | string
  | null
  | {
      readonly unreadable: string;
    };
export interface ResourceRef {
  readonly kind: string;
  readonly id: string;
}
export interface Resource {
  readonly kind: string;
  readonly id: string;
  readonly collector: string;
  readonly attributes: Readonly<Record<string, Fact>>;
  readonly changedAt: string;
  readonly readAt: string;
  readonly staleSince: string | null;
}
export interface Event {
  /** place in the event log; gaps are allowed */
  readonly number: number;
  readonly event: string;
  readonly resource: ResourceRef;
  readonly time: string;
  readonly detectedAt: string;
  readonly foundBy: 'signal' | 'journal' | 'reconciliation' | 'report';
  readonly attributes: Readonly<Record<string, Fact>>;
}
export type TimelineEntry =
  | {
      readonly type: 'change' | 'comment';
      readonly time: string;
      readonly seq: number;
      readonly reason:
        | 'pending'
        | 'dropped'
        | 'raised'
        | 'severity'
        | 'stale'
        | 'fresh'
        | 'updated'
        | 'cause'
        | 'muted'
        | 'acknowledged'
        | 'unacknowledged'
        | 'commented'
        | 'resolved'
        | 'cleared';
      readonly by: string | null;
      readonly door: string | null;
      readonly comment: string | null;
      readonly severity: Severity;
      readonly phase: 'pending' | 'firing' | 'resolved';
      readonly stale: boolean;
      readonly title: string;
      readonly cause: string | null;
      readonly value: (boolean | number | string) | null;
    }
  | {
      readonly type: 'event';
      readonly time: string;
      readonly detectedAt: string;
      readonly number: number;
      readonly event: string;
      readonly resource: ResourceRef;
      readonly foundBy: string;
      readonly attributes: Readonly<Record<string, Fact>>;
    }
  | {
      readonly type: 'mute-begun' | 'mute-ended';
      readonly time: string;
      /** of the silence, the window or the alert that mutes it */
      readonly id: string;
      readonly muter: 'silence' | 'maintenance' | 'cause' | 'inhibition' | 'flapping' | 'unknown';
      /** comment of a silence or window, title of an alert */
      readonly name: string;
      readonly by: string | null;
    }
  | {
      readonly type: 'delivery';
      readonly time: string;
      readonly number: number;
      readonly channel: string;
      readonly message: 'alerts' | 'digest' | 'report' | 'reminder' | 'test';
      readonly reason:
        | ('raised' | 'severity' | 'resolved' | 'brief' | 'repeat' | 'unmuted' | 'escalated')
        | null;
    }
  | {
      readonly type: 'attempt';
      readonly time: string;
      /** of the delivery */
      readonly number: number;
      readonly channel: string;
      readonly outcome: 'delivered' | 'retry' | 'refused';
      readonly detail: string;
    };
export interface Task {
  /** the run; of a run that has no id, the job */
  readonly id: string;
  readonly job: string;
  /** pending, running, completed or failed */
  readonly state: string;
  /** who told of it: systemd, or a program by report */
  readonly source: string;
  readonly unit: string | null;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  readonly durationSeconds: number | null;
  readonly progress: number | null;
  readonly exitStatus: number | null;
  readonly message: string | null;
  readonly lastReportAt: string | null;
  readonly lastSuccessAt: string | null;
  readonly usualSeconds: number | null;
  readonly stuckAt: string | null;
}
export interface Metrics {
  readonly collectedAt: string;
  readonly system: {
    /** Share of all processors in use, 0 to 1. */
    readonly cpuRatio: number | null;
    /** Load average over 1 minute. */
    readonly load1: number | null;
    /** Load average over 5 minutes. */
    readonly load5: number | null;
    /** Load average over 15 minutes. */
    readonly load15: number | null;
    /** Memory of the machine. */
    readonly memoryTotalBytes: number | null;
    /** Memory that could not be had without swapping: total - available. */
    readonly memoryUsedBytes: number | null;
    /** Size of the file system of /. */
    readonly diskTotalBytes: number | null;
    /** What of it is used. */
    readonly diskUsedBytes: number | null;
    /** Since the kernel started. */
    readonly uptimeSeconds: number | null;
    /** Units that systemd knows. */
    readonly units: number | null;
    /** Of these, failed ones. */
    readonly failedUnits: number | null;
  };
  readonly storage: {
    /** Disks. */
    readonly disks: number | null;
    /** Repositories that the settings name; if none, all file systems that are watched. */
    readonly repositories: number | null;
    /** Size of all repositories; file systems that several share count once. */
    readonly capacityBytes: number | null;
    /** What of it is used. */
    readonly usedBytes: number | null;
    /** What of it can be written. */
    readonly availableBytes: number | null;
    /** As df says it: usedBytes / (usedBytes + availableBytes). */
    readonly usedRatio: number | null;
  };
  readonly scst: {
    /** Targets that exist, without the copy manager’s. */
    readonly targets: number | null;
    /** Of these, enabled ones whose driver is enabled and open. */
    readonly activeTargets: number | null;
    /** LUNs that exist, each group of each target by itself. */
    readonly luns: number | null;
    /** Different initiators that are connected. */
    readonly initiators: number | null;
    /** Open sessions. */
    readonly sessions: number | null;
  };
  readonly tape: {
    /** Tape libraries (changers), without virtual ones. */
    readonly libraries: number | null;
    /** Tape drives, without virtual ones. */
    readonly drives: number | null;
    /** Slots of these libraries; null while `mtx status` is not allowed. */
    readonly slots: number | null;
    /** Slots with a cartridge. */
    readonly occupiedSlots: number | null;
  };
  readonly vtl: {
    /** Virtual libraries that are configured. */
    readonly libraries: number | null;
    /** Virtual drives that are configured. */
    readonly drives: number | null;
    /** Cartridges. */
    readonly tapes: number | null;
    /** Drives that read or write. */
    readonly activeDrives: number | null;
    /** Cartridges in a drive. */
    readonly loadedTapes: number | null;
  };
  readonly tasks: {
    /** Jobs; of each the latest run counts, here and below. */
    readonly total: number | null;
    /** Waiting. */
    readonly pending: number | null;
    /** Running. */
    readonly running: number | null;
    /** Ended well. */
    readonly completed: number | null;
    /** Ended badly. */
    readonly failed: number | null;
    /** How long the runs took that have ended; null when none has. */
    readonly averageDurationSeconds: number | null;
  };
  readonly api: {
    /** Requests since tocsind started. */
    readonly requests: number;
    /** Of these, those it could not answer (5xx). */
    readonly errors: number;
    /** Over the last five minutes, as those below. */
    readonly requestsPerSecond: number;
    /** errors / requests; null when there were no requests. */
    readonly errorRatio: number | null;
    /** Half of the requests took no longer; streams do not count. */
    readonly latencyP50Ms: number | null;
    /** 99 of 100 requests took no longer. */
    readonly latencyP99Ms: number | null;
    /** Clients that follow the stream now. */
    readonly streamClients: number;
  };
}
export interface Rule {
  readonly id: string;
  readonly kind: string;
  readonly form: 'condition' | 'levels' | 'event';
  readonly source: Source;
  readonly severities: readonly Severity[];
  readonly title: string;
  readonly enabled: boolean;
  readonly file: string;
  readonly line: number;
  readonly dropIns: readonly string[];
  readonly digest: string;
  readonly definition: Readonly<Record<string, unknown>>;
}
export interface RuleChange {
  readonly rule: Rule | null;
  /** where the change was written */
  readonly file: string;
}
export interface Matcher {
  readonly name: string;
  readonly value: string;
  readonly isRegex: boolean;
  readonly isEqual: boolean;
}
export interface Silence {
  /** UUID */
  readonly id: string;
  readonly state: 'active' | 'pending' | 'expired';
  readonly matchers: readonly Matcher[];
  /** the matchers as one text: unit="a.service",severity=~"c.*" */
  readonly filter: string;
  readonly startsAt: string;
  readonly endsAt: string;
  readonly comment: string;
  readonly createdBy: string;
  /** the caller: uid:0 */
  readonly setBy: string;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly endedBy: string | null;
}
export interface Maintenance {
  /** ULID */
  readonly id: string;
  /** active: open now; expired: over for good */
  readonly state: 'active' | 'pending' | 'expired';
  readonly matchers: readonly Matcher[];
  /** the matchers as one text: unit="a.service",severity=~"c.*" */
  readonly filter: string;
  readonly calendar: string | null;
  readonly duration: string | null;
  readonly startsAt: string | null;
  readonly endsAt: string | null;
  readonly opening: {
    readonly startsAt: string;
    readonly endsAt: string;
  } | null;
  readonly comment: string;
  readonly createdBy: string;
  /** the caller: uid:0 */
  readonly setBy: string;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly endedBy: string | null;
  readonly endedAt: string | null;
}
export interface Channel {
  readonly name: string;
  /** mail, webhook, … */
  readonly type: string;
  /** the process that sends */
  readonly place: 'core' | 'relay';
  readonly enabled: boolean;
  /** unknown until the first attempt */
  readonly health: 'healthy' | 'failing' | 'unknown';
  readonly reason: string | null;
  readonly failingSince: string | null;
  readonly lastDeliveredAt: string | null;
  /** alerts with news for it that has not arrived */
  readonly waiting: number;
  readonly waitingSince: string | null;
  readonly sentLastHour: number;
  readonly budget: number | null;
  readonly settings: Readonly<Record<string, unknown>>;
}
export interface Delivery {
  readonly number: number;
  /** of the message: the same in every attempt */
  readonly key: string;
  readonly channel: string;
  /** counts the messages of the channel, without gaps */
  readonly sequence: number;
  readonly time: string;
  readonly type: 'alerts' | 'digest' | 'report' | 'reminder' | 'test';
  readonly why: string | null;
  /** of a report, reminder or test; empty otherwise */
  readonly title: string;
  readonly drill: boolean;
  readonly items: readonly {
    /** the same for the same news in every message */
    readonly key: string;
    readonly reason:
      | 'raised'
      | 'severity'
      | 'resolved'
      | 'brief'
      | 'repeat'
      | 'unmuted'
      | 'escalated';
    readonly alertId: string;
    readonly rule: string;
    readonly severity: Severity;
    readonly phase: 'pending' | 'firing' | 'resolved';
    readonly title: string;
    readonly victims: number;
  }[];
  /** items that the message had no room for */
  readonly omitted: number;
  /** folded: its news went out in a later message */
  readonly state: 'waiting' | 'delivered' | 'refused' | 'folded';
  readonly attempts: readonly {
    readonly at: string;
    readonly tookMs: number;
    readonly result: 'delivered' | 'retry' | 'refused';
    readonly detail: string;
  }[];
  readonly nextAttemptAt: string | null;
}
export interface Component {
  readonly status: Health;
  readonly reason: string | null;
  readonly since: string;
  readonly blindSince: string | null;
}
export interface Token {
  /** the middle part of toc_ID_SECRET */
  readonly id: string;
  readonly name: string;
  readonly role: 'viewer' | 'operator' | 'admin';
  readonly scopes: readonly ('monitoring:read' | 'monitoring:write' | 'monitoring:admin')[];
  readonly state: 'active' | 'expired';
  readonly createdAt: string;
  readonly createdBy: string;
  readonly expiresAt: string | null;
  readonly lastUsedAt: string | null;
  readonly secrets: readonly {
    readonly createdAt: string;
    readonly expiresAt: string | null;
  }[];
}
export interface AuditRow {
  readonly number: number;
  readonly at: string;
  /** uid:0, token:grafana; tocsin itself; system: a signal */
  readonly by: string;
  /** local, api, listen, dbus; none where it came through none */
  readonly door: string;
  readonly client: string | null;
  readonly operation: string;
  readonly subject: string | null;
  /** JSON without secrets; cut beyond 1,000 characters */
  readonly input: string;
  /** done, or the code of the refusal */
  readonly outcome: string;
  /** SHA-256 over the row before and this one, in hex */
  readonly hash: string;
}
export type Health = 'healthy' | 'degraded' | 'unhealthy' | 'unknown';
export type Severity = 'info' | 'warning' | 'critical';
export type Source = 'system' | 'storage' | 'scst' | 'tape' | 'vtl' | 'task';
export interface AlertMessage {
  readonly type: 'alert';
  /** resume with since=SEQ */
  readonly seq: number;
  readonly time: string;
  readonly data: {
    /** ULID of this occurrence */
    readonly id: string;
    readonly rule: string;
    readonly origin: 'rule' | 'hand' | 'pushed' | 'drill';
    readonly fingerprint: string;
    readonly severity: Severity;
    readonly source: Source;
    readonly phase: 'pending' | 'firing' | 'resolved';
    /** its source cannot be read: true as last known */
    readonly stale: boolean;
    readonly title: string;
    readonly message: string;
    readonly advice: string;
    readonly resource: ResourceRef;
    readonly labels: Readonly<Record<string, string>>;
    readonly startsAt: string;
    readonly detectedAt: string;
    /** tocsin was down or blind when it began */
    readonly foundLate: boolean;
    readonly firingAt: string | null;
    readonly updatedAt: string;
    readonly resolvedAt: string | null;
    readonly resolvedBy: string | null;
    /** resolved by hand, and its condition still holds */
    readonly stillTrue: boolean;
    readonly acknowledged: boolean;
    readonly acknowledgedBy: string | null;
    readonly acknowledgedAt: string | null;
    readonly acknowledgedUntil: string | null;
    readonly acknowledgedUntilChange: boolean;
    readonly comment: string | null;
    readonly mutedBy: readonly string[];
    readonly cause: string | null;
    readonly alternatives: readonly string[];
    readonly victims: readonly string[];
    readonly evidence: readonly Evidence[];
    readonly value: (boolean | number | string) | null;
    readonly occurrence: number;
    readonly seq: number;
    readonly reason:
      | 'pending'
      | 'dropped'
      | 'raised'
      | 'severity'
      | 'stale'
      | 'fresh'
      | 'updated'
      | 'cause'
      | 'muted'
      | 'acknowledged'
      | 'unacknowledged'
      | 'commented'
      | 'resolved'
      | 'cleared';
    readonly by: string | null;
    readonly door: string | null;
  };
}
export interface TaskMessage {
  readonly type: 'task';
  /** resume with since=SEQ */
  readonly seq: number;
  readonly time: string;
  readonly data: Task;
}
export interface HelloMessage {
  readonly type: 'system';
  /** resume with since=SEQ */
  readonly seq: number;
  readonly time: string;
  readonly data: {
    readonly event: 'hello';
    /** the latest change there is */
    readonly seq: number;
    readonly version: string;
  };
}
export interface ResyncMessage {
  readonly type: 'system';
  /** resume with since=SEQ */
  readonly seq: number;
  readonly time: string;
  readonly data: {
    readonly event: 'resync';
    /** what comes next follows this number */
    readonly seq: number;
  };
}
export interface MetricsMessage {
  readonly type: 'metrics';
  /** resume with since=SEQ */
  readonly seq: number;
  readonly time: string;
  readonly data: Metrics;
}
export interface SystemMessage {
  readonly type: 'system';
  /** resume with since=SEQ */
  readonly seq: number;
  readonly time: string;
  readonly data: {
    /** run-failed, session-ended, …; the reference lists them */
    readonly event: string;
    readonly resource: ResourceRef;
    readonly foundBy: 'signal' | 'journal' | 'reconciliation' | 'report';
    readonly before: null;
    readonly after: Readonly<Record<string, Fact>>;
  };
}
export interface StorageMessage {
  readonly type: 'storage';
  /** resume with since=SEQ */
  readonly seq: number;
  readonly time: string;
  readonly data: {
    /** run-failed, session-ended, …; the reference lists them */
    readonly event: string;
    readonly resource: ResourceRef;
    readonly foundBy: 'signal' | 'journal' | 'reconciliation' | 'report';
    readonly before: null;
    readonly after: Readonly<Record<string, Fact>>;
  };
}
export interface ScstMessage {
  readonly type: 'scst';
  /** resume with since=SEQ */
  readonly seq: number;
  readonly time: string;
  readonly data: {
    /** run-failed, session-ended, …; the reference lists them */
    readonly event: string;
    readonly resource: ResourceRef;
    readonly foundBy: 'signal' | 'journal' | 'reconciliation' | 'report';
    readonly before: null;
    readonly after: Readonly<Record<string, Fact>>;
  };
}
export interface TapeMessage {
  readonly type: 'tape';
  /** resume with since=SEQ */
  readonly seq: number;
  readonly time: string;
  readonly data: {
    /** run-failed, session-ended, …; the reference lists them */
    readonly event: string;
    readonly resource: ResourceRef;
    readonly foundBy: 'signal' | 'journal' | 'reconciliation' | 'report';
    readonly before: null;
    readonly after: Readonly<Record<string, Fact>>;
  };
}
export interface VtlMessage {
  readonly type: 'vtl';
  /** resume with since=SEQ */
  readonly seq: number;
  readonly time: string;
  readonly data: {
    /** run-failed, session-ended, …; the reference lists them */
    readonly event: string;
    readonly resource: ResourceRef;
    readonly foundBy: 'signal' | 'journal' | 'reconciliation' | 'report';
    readonly before: null;
    readonly after: Readonly<Record<string, Fact>>;
  };
}
export type StreamMessage =
  | AlertMessage
  | TaskMessage
  | HelloMessage
  | ResyncMessage
  | MetricsMessage
  | SystemMessage
  | StorageMessage
  | ScstMessage
  | TapeMessage
  | VtlMessage;
/** RFC 9457: why the request was refused. */
export interface Problem {
  /** GET it for an explanation: /problems/CODE */
  readonly type: string;
  readonly title: string;
  readonly status: number;
  /** what is special about this case */
  readonly detail: string;
  readonly code:
    | 'invalid-input'
    | 'invalid-request'
    | 'invalid-cursor'
    | 'unauthenticated'
    | 'not-permitted'
    | 'origin-refused'
    | 'not-found'
    | 'alert-unknown'
    | 'resource-unknown'
    | 'task-unknown'
    | 'kind-unknown'
    | 'attribute-unknown'
    | 'rule-unknown'
    | 'channel-unknown'
    | 'recording-unknown'
    | 'token-unknown'
    | 'silence-unknown'
    | 'maintenance-unknown'
    | 'problem-unknown'
    | 'audit-unread'
    | 'backtest-failed'
    | 'method-not-allowed'
    | 'conflict'
    | 'configuration-refused'
    | 'token-exists'
    | 'rule-exists'
    | 'rule-elsewhere'
    | 'precondition-failed'
    | 'too-large'
    | 'uri-too-long'
    | 'unsupported-media-type'
    | 'key-reused'
    | 'upgrade-required'
    | 'precondition-required'
    | 'too-many-requests'
    | 'internal'
    | 'not-ready'
    | 'not-stored'
    | 'history-unavailable'
    | 'too-many-alerts'
    | 'too-busy'
    | 'too-many-clients';
  /** the path that was asked for */
  readonly instance: string;
  /** what the log has it under */
  readonly requestId: string;
  /** what to do */
  readonly hint?: string;
  readonly errors?: readonly {
    /** JSON pointer into the input: #/severity */
    readonly pointer: string;
    readonly detail: string;
  }[];
}
export interface ProblemKind {
  readonly type: string;
  readonly code:
    | 'invalid-input'
    | 'invalid-request'
    | 'invalid-cursor'
    | 'unauthenticated'
    | 'not-permitted'
    | 'origin-refused'
    | 'not-found'
    | 'alert-unknown'
    | 'resource-unknown'
    | 'task-unknown'
    | 'kind-unknown'
    | 'attribute-unknown'
    | 'rule-unknown'
    | 'channel-unknown'
    | 'recording-unknown'
    | 'token-unknown'
    | 'silence-unknown'
    | 'maintenance-unknown'
    | 'problem-unknown'
    | 'audit-unread'
    | 'backtest-failed'
    | 'method-not-allowed'
    | 'conflict'
    | 'configuration-refused'
    | 'token-exists'
    | 'rule-exists'
    | 'rule-elsewhere'
    | 'precondition-failed'
    | 'too-large'
    | 'uri-too-long'
    | 'unsupported-media-type'
    | 'key-reused'
    | 'upgrade-required'
    | 'precondition-required'
    | 'too-many-requests'
    | 'internal'
    | 'not-ready'
    | 'not-stored'
    | 'history-unavailable'
    | 'too-many-alerts'
    | 'too-busy'
    | 'too-many-clients';
  readonly status: number;
  readonly title: string;
  /** what it means and what to do */
  readonly help: string;
}
/** What each operation takes (path, query and body in one) and what it answers. */
export interface Operations {
  /** Health of tocsin. Without the right to read: the status alone. */
  readonly 'health.status': {
    readonly input: {
      /** blind times that ended after this */
      readonly since?: string | undefined;
    };
    readonly output: {
      readonly status: Health;
      readonly version?: string;
      readonly startedAt?: string;
      readonly ready?: boolean;
      /** number of the latest change */
      readonly seq?: number;
      readonly components?: Readonly<Record<string, Component>>;
      readonly blind?: readonly {
        readonly source: string;
        readonly since: string;
        readonly until: string | null;
        readonly why: string;
      }[];
    };
  };
  /** Reads settings and rules anew. Where one is wrong, everything stays as it was. */
  readonly 'daemon.reload': {
    readonly input: Readonly<Record<string, never>>;
    readonly output: {
      /** rules that are in force, disabled ones too */
      readonly rules: number;
    };
  };
  /** Alerts, newest first; the firing ones unless phase says otherwise. */
  readonly 'alert.list': {
    readonly input: {
      readonly severity?: readonly Severity[] | undefined;
      readonly source?: readonly Source[] | undefined;
      readonly phase?: readonly ('pending' | 'firing' | 'resolved' | 'all')[] | undefined;
      readonly acknowledged?: boolean | undefined;
      readonly resourceKind?: string | undefined;
      readonly resourceId?: string | undefined;
      readonly rule?: readonly string[] | undefined;
      /** words that title or message hold */
      readonly q?: string | undefined;
      /** RFC 3339, or how long ago: 90s, 15m, 1h30m, 2d */
      readonly since?: string | undefined;
      /** RFC 3339, or how long ago: 90s, 15m, 1h30m, 2d */
      readonly until?: string | undefined;
      /** Alertmanager matchers: unit="backup.service", severity=~"crit.*" */
      readonly filter?: readonly string[] | undefined;
      /** default 100 */
      readonly limit?: number | undefined;
      /** nextCursor of a list */
      readonly cursor?: string | undefined;
    };
    readonly output: {
      readonly items: readonly Alert[];
      readonly nextCursor: string | null;
    };
  };
  /** Raises an alert by hand or from a program; again with the same key: updates it. */
  readonly 'alert.raise': {
    readonly input: {
      readonly severity: Severity;
      readonly source: Source;
      readonly title: string;
      readonly message?: string | undefined;
      readonly advice?: string | undefined;
      readonly resource?:
        | {
            readonly kind: string;
            readonly id: string;
          }
        | undefined;
      readonly labels?: Readonly<Record<string, string>> | undefined;
      /** ends by itself after this duration: 15m, 2h */
      readonly expiresAfter?: string | undefined;
      /** raising again with the same key updates it */
      readonly key?: string | undefined;
    };
    readonly output: Alert;
  };
  /** Acknowledges many alerts, by id or by matchers; answers for each one. */
  readonly 'alert.acknowledgeMany': {
    readonly input: {
      readonly ids?: readonly string[] | undefined;
      readonly filter?: string | readonly string[] | undefined;
      readonly comment?: string | undefined;
      /**
       * it ends by itself: RFC 3339, a duration, or change (another title or message, or worse);
       * else with the alert
       */
      readonly until?: string | undefined;
    };
    readonly output: {
      readonly items: readonly {
        readonly id: string;
        readonly result: 'acknowledged' | 'unchanged' | 'refused';
        readonly alert: Alert | null;
        readonly problem: {
          readonly code: string;
          readonly status: number;
          readonly detail: string;
        } | null;
      }[];
    };
  };
  /** Takes many acknowledgements back, by id or by matchers; answers for each one. */
  readonly 'alert.unacknowledgeMany': {
    readonly input: {
      readonly ids?: readonly string[] | undefined;
      readonly filter?: string | readonly string[] | undefined;
      readonly comment?: string | undefined;
    };
    readonly output: {
      readonly items: readonly {
        readonly id: string;
        readonly result: 'unacknowledged' | 'unchanged' | 'refused';
        readonly alert: Alert | null;
        readonly problem: {
          readonly code: string;
          readonly status: number;
          readonly detail: string;
        } | null;
      }[];
    };
  };
  /** Ends many alerts by hand, by id or by matchers; answers for each one. */
  readonly 'alert.resolveMany': {
    readonly input: {
      readonly ids?: readonly string[] | undefined;
      readonly filter?: string | readonly string[] | undefined;
      readonly comment?: string | undefined;
    };
    readonly output: {
      readonly items: readonly {
        readonly id: string;
        readonly result: 'resolved' | 'unchanged' | 'refused';
        readonly alert: Alert | null;
        readonly problem: {
          readonly code: string;
          readonly status: number;
          readonly detail: string;
        } | null;
      }[];
    };
  };
  /** Adds one comment to many alerts, by id or by matchers; answers for each one. */
  readonly 'alert.commentMany': {
    readonly input: {
      readonly ids?: readonly string[] | undefined;
      readonly filter?: string | readonly string[] | undefined;
      readonly comment: string;
    };
    readonly output: {
      readonly items: readonly {
        readonly id: string;
        readonly result: 'commented' | 'unchanged' | 'refused';
        readonly alert: Alert | null;
        readonly problem: {
          readonly code: string;
          readonly status: number;
          readonly detail: string;
        } | null;
      }[];
    };
  };
  /** One alert, with its evidence. */
  readonly 'alert.get': {
    readonly input: {
      readonly id: string;
    };
    readonly output: Alert;
  };
  /**
   * What happened to an alert: every change, event, comment and mute, every message that told
   * of it and every attempt to send one, oldest first.
   */
  readonly 'alert.timeline': {
    readonly input: {
      readonly id: string;
      /** default 100 */
      readonly limit?: number | undefined;
      /** nextCursor of a list */
      readonly cursor?: string | undefined;
    };
    readonly output: {
      readonly items: readonly TimelineEntry[];
      readonly nextCursor: string | null;
    };
  };
  /**
   * Why an alert is there: first sign, cause and how certain it is, victims, what changed in
   * the 24 hours before, what mutes it, who was told; and all that in plain words.
   */
  readonly 'alert.explain': {
    readonly input: {
      readonly id: string;
    };
    readonly output: {
      readonly alert: Alert;
      readonly firstSign: {
        readonly time: string;
        readonly what: string;
        readonly resource: ResourceRef;
      };
      readonly cause: {
        readonly alert: Brief;
        readonly certainty: 'certain' | 'likely';
        readonly why: string;
      } | null;
      readonly alternatives: readonly Brief[];
      readonly victims: readonly Brief[];
      readonly victimCount: number;
      readonly changed: {
        readonly since: string;
        readonly until: string;
        readonly items: readonly {
          readonly time: string;
          readonly type:
            | 'package'
            | 'unit-file'
            | 'configuration'
            | 'reload'
            | 'boot'
            | 'start'
            | 'task';
          readonly what: string;
        }[];
        /** older ones, for which there was no room */
        readonly omitted: number;
        readonly unreadable: readonly {
          readonly what: string;
          readonly why: string;
        }[];
      };
      readonly mutedBy: readonly {
        readonly id: string;
        readonly type: 'silence' | 'maintenance' | 'cause' | 'inhibition' | 'flapping' | 'unknown';
        readonly name: string;
        readonly by: string | null;
        readonly until: string | null;
      }[];
      readonly told: readonly {
        /** of the delivery */
        readonly number: number;
        readonly channel: string;
        readonly time: string;
        /** counted: the message had no room for the alert itself */
        readonly reason:
          | 'raised'
          | 'severity'
          | 'resolved'
          | 'brief'
          | 'repeat'
          | 'unmuted'
          | 'escalated'
          | 'counted';
        readonly attempts: number;
        /** what became of it, in words */
        readonly state: string;
      }[];
      /** there are earlier messages */
      readonly toldMore: boolean;
      readonly routes: readonly {
        readonly channel: string;
        readonly tells: boolean;
        readonly why: string;
      }[];
      /** the same in plain words */
      readonly text: string;
    };
  };
  /**
   * Says that somebody takes care of this occurrence. The same again changes nothing; another
   * until or comment does.
   */
  readonly 'alert.acknowledge': {
    readonly input: {
      readonly id: string;
      readonly comment?: string | undefined;
      /**
       * it ends by itself: RFC 3339, a duration, or change (another title or message, or worse);
       * else with the alert
       */
      readonly until?: string | undefined;
    };
    readonly output: Alert;
  };
  /** Takes the acknowledgement back. */
  readonly 'alert.unacknowledge': {
    readonly input: {
      readonly id: string;
      readonly comment?: string | undefined;
    };
    readonly output: Alert;
  };
  /**
   * Ends it by hand. While its condition is true all the same it says stillTrue; it comes
   * again once that was false and is true again.
   */
  readonly 'alert.resolve': {
    readonly input: {
      readonly id: string;
      readonly comment?: string | undefined;
    };
    readonly output: Alert;
  };
  /** Adds a comment to it. */
  readonly 'alert.comment': {
    readonly input: {
      readonly id: string;
      readonly comment: string;
    };
    readonly output: Alert;
  };
  /** Every change as it happens: a WebSocket, or SSE with `Accept: text/event-stream`. */
  readonly 'stream.follow': {
    readonly input: {
      readonly types?:
        | readonly ('alert' | 'task' | 'system' | 'storage' | 'scst' | 'tape' | 'vtl' | 'metrics')[]
        | undefined;
      /** Alertmanager matchers: unit="backup.service", severity=~"crit.*" */
      readonly filter?: readonly string[] | undefined;
      /** resume after the message with this seq */
      readonly since?: number | undefined;
    };
    readonly output: StreamMessage;
  };
  /** The appliance in figures. One that cannot be known is null. */
  readonly 'metrics.show': {
    readonly input: Readonly<Record<string, never>>;
    readonly output: Metrics;
  };
  /** The past of one number, in at most 1000 points. */
  readonly 'metrics.history': {
    readonly input: {
      readonly kind: string;
      readonly id: string;
      readonly attribute: string;
      /** RFC 3339, milliseconds since 1970, or how long ago: 90s, 15m, 1h30m, 2d; default 1h */
      readonly from?: string | undefined;
      /** the same; default now */
      readonly to?: string | undefined;
      /** at least so far apart: 30s, 5m, 1h; default: as fine as it is kept */
      readonly step?: string | undefined;
    };
    readonly output: {
      readonly kind: string;
      readonly id: string;
      readonly attribute: string;
      readonly unit: string | null;
      readonly from: string;
      readonly to: string;
      readonly step: number | null;
      readonly points: readonly (readonly [number, number, number, number])[];
    };
  };
  /** Events, newest first. */
  readonly 'event.list': {
    readonly input: {
      readonly kind?: string | undefined;
      readonly id?: string | undefined;
      readonly event?: string | undefined;
      /** RFC 3339, or how long ago: 90s, 15m, 1h30m, 2d */
      readonly since?: string | undefined;
      /** RFC 3339, or how long ago: 90s, 15m, 1h30m, 2d */
      readonly until?: string | undefined;
      /** default 100 */
      readonly limit?: number | undefined;
      /** nextCursor of a list */
      readonly cursor?: string | undefined;
    };
    readonly output: {
      readonly items: readonly Event[];
      readonly nextCursor: string | null;
    };
  };
  /** The inventory, by kind and id. */
  readonly 'resource.list': {
    readonly input: {
      readonly kind?: string | undefined;
      /** exactly this id */
      readonly id?: string | undefined;
      /** part of the id */
      readonly q?: string | undefined;
      readonly stale?: boolean | undefined;
      /** default 100 */
      readonly limit?: number | undefined;
      /** nextCursor of a list */
      readonly cursor?: string | undefined;
    };
    readonly output: {
      readonly items: readonly Resource[];
      readonly nextCursor: string | null;
    };
  };
  /** One resource. An id with %, \ or // is asked for with resource.list and `id=`. */
  readonly 'resource.get': {
    readonly input: {
      readonly kind: string;
      readonly id: string;
    };
    readonly output: Resource;
  };
  /**
   * An archive (tar.gz, in base64) of all that is known around an alert, without secrets, for
   * support.
   */
  readonly 'alert.bundle': {
    readonly input: {
      readonly id: string;
    };
    readonly output: {
      /** of the archive: tocsin-ID.tar.gz */
      readonly name: string;
      /** its bytes, in base64 */
      readonly archive: string;
      readonly files: readonly {
        readonly name: string;
        readonly holds: string;
        readonly bytes: number;
        readonly sha256: string;
        readonly redacted: Readonly<Record<string, number>>;
      }[];
    };
  };
  /**
   * What a rule file would have said of the readings that are kept, beside the rules in force;
   * with silences and channels. Changes nothing.
   */
  readonly 'rule.backtest': {
    readonly input: {
      /** a rule file; left out: those in force */
      readonly text?: string | undefined;
      /** RFC 3339, or how long ago; 30d where nothing is said */
      readonly since?: string | undefined;
      readonly silences?:
        | readonly {
            /** Alertmanager matchers: unit="backup.service", severity=~"crit.*" */
            readonly matchers: readonly string[];
            /** RFC 3339, or how long ago: 90s, 15m, 1h30m, 2d */
            readonly startsAt?: string;
            /** RFC 3339, or how long ago: 90s, 15m, 1h30m, 2d */
            readonly endsAt?: string;
          }[]
        | undefined;
      /** count messages by channel: all rules run, with all that mutes */
      readonly channels?: boolean | undefined;
      /** a settings file whose channels are tried in place of those in force */
      readonly settings?: string | undefined;
    };
    readonly output: {
      readonly from: string;
      readonly to: string;
      readonly rules: readonly {
        readonly id: string;
        readonly candidate: {
          readonly fired: number;
          /** of these, those that nothing muted */
          readonly announced: number;
          readonly medianMs: number | null;
          readonly longestMs: number | null;
          readonly firstAt: string | null;
          readonly lastAt: string | null;
          /** true before: not counted as fired */
          readonly firingAtBegin: number;
          readonly firingAtEnd: number;
        } | null;
        readonly inForce: {
          readonly fired: number;
          /** of these, those that nothing muted */
          readonly announced: number;
          readonly medianMs: number | null;
          readonly longestMs: number | null;
          readonly firstAt: string | null;
          readonly lastAt: string | null;
          /** true before: not counted as fired */
          readonly firingAtBegin: number;
          readonly firingAtEnd: number;
        } | null;
      }[];
      readonly silences: readonly {
        readonly matchers: readonly string[];
        readonly silenced: number;
      }[];
      readonly channels: readonly {
        readonly channel: string;
        readonly messages: number | null;
        readonly inForce: number | null;
      }[];
      readonly gaps: readonly {
        readonly from: string;
        readonly to: string;
      }[];
      readonly notes: readonly string[];
      /** readings played */
      readonly inputs: number;
      readonly tookMs: number;
    };
  };
  /** How far the backtest that is running has come. */
  readonly 'rule.backtestProgress': {
    readonly input: Readonly<Record<string, never>>;
    readonly output: {
      readonly running: boolean;
      readonly by: string | null;
      readonly part: number | null;
    };
  };
  /** Begins a recording of all that tocsin sees and concludes; one at a time. */
  readonly 'recording.start': {
    readonly input: {
      /** at most 1d */
      readonly duration?: string | undefined;
    };
    readonly output: {
      readonly id: string;
      readonly by: string;
      readonly since: string;
    };
  };
  /** The next piece of a recording; waits for one for a moment. */
  readonly 'recording.read': {
    readonly input: {
      readonly id: string;
      /** `next` of the piece before */
      readonly piece?: number | undefined;
      readonly wait?: number | undefined;
    };
    readonly output: {
      /** whole lines of the recording */
      readonly text: string;
      readonly next: number;
      /** there will be no more */
      readonly ended: boolean;
    };
  };
  /** Ends a recording. What has not been read yet can still be. */
  readonly 'recording.stop': {
    readonly input: {
      readonly id: string;
    };
    readonly output: {
      readonly stopped: boolean;
    };
  };
  /**
   * Who needs whom: device, LUN, target, initiator; units; library, drive; pool, repository.
   * With kind and id: only what depends on that one, nearest first.
   */
  readonly 'topology.show': {
    readonly input: {
      /** with id: whose dependants */
      readonly kind?: string | undefined;
      /** with kind: whose dependants */
      readonly id?: string | undefined;
    };
    readonly output: {
      readonly nodes: readonly {
        readonly kind: string;
        readonly id: string;
        readonly present: boolean | null;
        /** ids of its firing alerts */
        readonly firing: readonly string[];
      }[];
      readonly edges: readonly {
        /** what is needed */
        readonly from: {
          readonly kind: string;
          readonly id: string;
        };
        /** who needs it */
        readonly to: {
          readonly kind: string;
          readonly id: string;
        };
        /** what `from` does for `to` */
        readonly relation: string;
      }[];
      /** there are more than 20000 edges */
      readonly truncated: boolean;
    };
  };
  /**
   * The latest run of each job, of units too, newest first; with runs=all every run that a
   * program has reported.
   */
  readonly 'task.list': {
    readonly input: {
      readonly job?: string | undefined;
      readonly state?: readonly ('pending' | 'running' | 'completed' | 'failed')[] | undefined;
      readonly source?: readonly ('systemd' | 'report')[] | undefined;
      readonly runs?: 'latest' | 'all' | undefined;
      /** default 100 */
      readonly limit?: number | undefined;
      /** nextCursor of a list */
      readonly cursor?: string | undefined;
    };
    readonly output: {
      readonly items: readonly Task[];
      readonly nextCursor: string | null;
    };
  };
  /**
   * Reports a run of a job. With the same key: more of the same run, however often; without a
   * key: a new run, or the end of the one that runs.
   */
  readonly 'task.report': {
    readonly input: {
      readonly job: string;
      /** the run, unique among those of the job */
      readonly key?: string | undefined;
      /** left out: as exitStatus says, completed with an endedAt, else running */
      readonly state?: 'pending' | 'running' | 'completed' | 'failed' | undefined;
      /** RFC 3339 */
      readonly startedAt?: string | undefined;
      /** RFC 3339 */
      readonly endedAt?: string | undefined;
      readonly progress?: number | undefined;
      readonly message?: string | undefined;
      readonly exitStatus?: number | undefined;
      /** while it runs it reports at least this often: 1m; else it is taken for lost */
      readonly heartbeat?: string | undefined;
    };
    readonly output: Task;
  };
  /** One run, by its id or by the job whose latest run it is. */
  readonly 'task.get': {
    readonly input: {
      readonly id: string;
    };
    readonly output: Task;
  };
  /** Reports more of a run, by its id or by the job whose latest run it is. */
  readonly 'task.update': {
    readonly input: {
      readonly id: string;
      /** left out: as exitStatus says, completed with an endedAt, else running */
      readonly state?: 'pending' | 'running' | 'completed' | 'failed' | undefined;
      /** RFC 3339 */
      readonly startedAt?: string | undefined;
      /** RFC 3339 */
      readonly endedAt?: string | undefined;
      readonly progress?: number | undefined;
      readonly message?: string | undefined;
      readonly exitStatus?: number | undefined;
      /** while it runs it reports at least this often: 1m; else it is taken for lost */
      readonly heartbeat?: string | undefined;
    };
    readonly output: Task;
  };
  /** All rules in force, disabled ones too, by id. */
  readonly 'rule.list': {
    readonly input: {
      readonly kind?: string | undefined;
      readonly severity?: readonly Severity[] | undefined;
      readonly source?: readonly Source[] | undefined;
      readonly enabled?: boolean | undefined;
      /** default 100 */
      readonly limit?: number | undefined;
      /** nextCursor of a list */
      readonly cursor?: string | undefined;
    };
    readonly output: {
      readonly items: readonly Rule[];
      readonly nextCursor: string | null;
    };
  };
  /** A new rule, written to 90-api.yaml and in force at once. */
  readonly 'rule.create': {
    readonly input: {
      readonly id: string;
      readonly [field: string]: unknown;
    };
    readonly output: RuleChange;
  };
  /** What this site changed against the rules that are shipped. */
  readonly 'rule.delta': {
    readonly input: Readonly<Record<string, never>>;
    readonly output: {
      readonly items: readonly {
        readonly id: string;
        readonly state: 'added' | 'changed' | 'disabled' | 'removed';
        readonly files: readonly string[];
        readonly fields: readonly {
          readonly field: string;
          readonly shipped: unknown;
          readonly site: unknown;
        }[];
      }[];
      readonly nextCursor: null;
    };
  };
  /** One rule, with its definition and where it is written. */
  readonly 'rule.get': {
    readonly input: {
      readonly id: string;
    };
    readonly output: Rule;
  };
  /** The whole of a rule that was created here. */
  readonly 'rule.replace': {
    readonly input: {
      readonly id: string;
      readonly [field: string]: unknown;
    };
    readonly output: RuleChange;
  };
  /** Single fields of any rule (RFC 7396): {"enabled": false}; null takes a field away. */
  readonly 'rule.change': {
    readonly input: {
      readonly id: string;
      readonly [field: string]: unknown;
    };
    readonly output: RuleChange;
  };
  /** Removes a rule that was created here; sets any other back to what its file says. */
  readonly 'rule.remove': {
    readonly input: {
      readonly id: string;
    };
    readonly output: RuleChange;
  };
  /** Checks the text of a rule file as if it were loaded last. Changes nothing. */
  readonly 'rule.validate': {
    readonly input: {
      readonly text: string;
      readonly file?: string | undefined;
    };
    readonly output: {
      /** no complaint of level error */
      readonly valid: boolean;
      readonly complaints: readonly {
        readonly file: string;
        readonly line: number;
        readonly column: number;
        readonly level: 'error' | 'warning';
        readonly message: string;
      }[];
    };
  };
  /** An exercise: raises an alert of the rule, marked [DRILL], that ends by itself. */
  readonly 'rule.drill': {
    readonly input: {
      readonly id: string;
      /** id of the resource it is to be about */
      readonly resource?: string | undefined;
      /** how long it fires; 10m */
      readonly for?: string | undefined;
    };
    readonly output: {
      readonly alert: Alert;
      readonly channels: readonly {
        readonly channel: string;
        readonly tells: boolean;
        readonly why: string;
      }[];
    };
  };
  /** The channels of the settings, and how each of them is. */
  readonly 'channel.list': {
    readonly input: {
      /** default 100 */
      readonly limit?: number | undefined;
      /** nextCursor of a list */
      readonly cursor?: string | undefined;
    };
    readonly output: {
      readonly items: readonly Channel[];
      readonly nextCursor: string | null;
    };
  };
  /** Sends a test message over a channel at once, and says what became of it. */
  readonly 'channel.test': {
    readonly input: {
      readonly name: string;
    };
    readonly output: {
      readonly channel: string;
      /** retry: it failed now and might not later; nothing is sent again by itself */
      readonly result: 'delivered' | 'retry' | 'refused';
      /** what the other side answered, or why it failed */
      readonly detail: string;
      readonly tookMs: number;
    };
  };
  /** What was told over which channel, when, and how often it was tried; newest first. */
  readonly 'delivery.list': {
    readonly input: {
      readonly channel?: string | undefined;
      readonly state?: readonly ('waiting' | 'delivered' | 'refused' | 'folded')[] | undefined;
      readonly alert?: string | undefined;
      /** RFC 3339, or how long ago: 90s, 15m, 1h30m, 2d */
      readonly since?: string | undefined;
      /** default 100 */
      readonly limit?: number | undefined;
      /** nextCursor of a list */
      readonly cursor?: string | undefined;
    };
    readonly output: {
      readonly items: readonly Delivery[];
      readonly nextCursor: string | null;
    };
  };
  /**
   * Silences: the active ones by their end, the pending by their start, those of the last five
   * days that are over by their end, the latest first.
   */
  readonly 'silence.list': {
    readonly input: {
      readonly state?: readonly ('active' | 'pending' | 'expired')[] | undefined;
      /** default 100 */
      readonly limit?: number | undefined;
      /** nextCursor of a list */
      readonly cursor?: string | undefined;
    };
    readonly output: {
      readonly items: readonly Silence[];
      readonly nextCursor: string | null;
    };
  };
  /**
   * Silences alerts for a time: they fire and are stored, and nobody is told. With an id:
   * changes that silence, or ends it for a new one where it is too different.
   */
  readonly 'silence.save': {
    readonly input: {
      readonly id?: string | undefined;
      /** unit="a.service", or {name, value, isRegex, isEqual}; all must hold */
      readonly matchers: readonly (
        | string
        | {
            readonly name: string;
            readonly value: string;
            readonly isRegex?: boolean;
            /** true where left out */
            readonly isEqual?: boolean;
          }
      )[];
      /** now where left out */
      readonly startsAt?: string | undefined;
      /** RFC 3339, or how long from now: 15m, 1h30m, 2d */
      readonly endsAt?: string | undefined;
      /** 15m, 1h30m, 2d */
      readonly duration?: string | undefined;
      /** why; it cannot be left out */
      readonly comment: string;
      /** a name for people; who called is kept beside it */
      readonly createdBy?: string | undefined;
    };
    readonly output: Silence;
  };
  /**
   * What a silence with these matchers hits now, and what it would have hit in the past. Sets
   * nothing.
   */
  readonly 'silence.preview': {
    readonly input: {
      /** unit="a.service", or {name, value, isRegex, isEqual}; all must hold */
      readonly matchers: readonly (
        | string
        | {
            readonly name: string;
            readonly value: string;
            readonly isRegex?: boolean;
            /** true where left out */
            readonly isEqual?: boolean;
          }
      )[];
      /** 30d */
      readonly since?: string | undefined;
    };
    readonly output: {
      readonly matchers: readonly Matcher[];
      /** the matchers as one text: unit="a.service",severity=~"c.*" */
      readonly filter: string;
      readonly now: {
        readonly firing: number;
        readonly alerts: readonly Alert[];
      };
      readonly past: {
        readonly since: string;
        /** false: there were too many to look further back */
        readonly complete: boolean;
        readonly occurrences: number;
        readonly rules: readonly {
          readonly rule: string;
          readonly occurrences: number;
          readonly firstAt: string;
          readonly lastAt: string;
        }[];
      };
    };
  };
  /** One silence. */
  readonly 'silence.get': {
    readonly input: {
      readonly id: string;
    };
    readonly output: Silence;
  };
  /** Ends a silence. What still fires is announced now. */
  readonly 'silence.expire': {
    readonly input: {
      readonly id: string;
    };
    readonly output: Silence;
  };
  /** Maintenance windows: open ones first, then those to come, then those that are over. */
  readonly 'maintenance.list': {
    readonly input: {
      readonly state?: readonly ('active' | 'pending' | 'expired')[] | undefined;
      /** default 100 */
      readonly limit?: number | undefined;
      /** nextCursor of a list */
      readonly cursor?: string | undefined;
    };
    readonly output: {
      readonly items: readonly Maintenance[];
      readonly nextCursor: string | null;
    };
  };
  /**
   * Opens a maintenance window, once or by a calendar: while it is open nobody is told of what
   * it matches. When it closes there is a report, and what still fires is announced.
   */
  readonly 'maintenance.add': {
    readonly input: {
      /** it opens at each moment of it: Sat 02:00 (systemd.time(7)) */
      readonly calendar?: string | undefined;
      /** how long it is open: 2h */
      readonly duration?: string | undefined;
      /** RFC 3339, or how long from now: 15m, 1h30m, 2d */
      readonly startsAt?: string | undefined;
      /** RFC 3339, or how long from now: 15m, 1h30m, 2d */
      readonly endsAt?: string | undefined;
      /** everything where left out */
      readonly matchers?:
        | readonly (
            | string
            | {
                readonly name: string;
                readonly value: string;
                readonly isRegex?: boolean;
                /** true where left out */
                readonly isEqual?: boolean;
              }
          )[]
        | undefined;
      /** why; it cannot be left out */
      readonly comment: string;
      /** a name for people; who called is kept beside it */
      readonly createdBy?: string | undefined;
    };
    readonly output: Maintenance;
  };
  /** One maintenance window, with its present or next opening. */
  readonly 'maintenance.get': {
    readonly input: {
      readonly id: string;
    };
    readonly output: Maintenance;
  };
  /** Ends a maintenance window for good; one that is open closes now. */
  readonly 'maintenance.end': {
    readonly input: {
      readonly id: string;
    };
    readonly output: Maintenance;
  };
  /** The tokens, newest first; those that have expired for 30 days more. Never a secret. */
  readonly 'token.list': {
    readonly input: {
      /** default 100 */
      readonly limit?: number | undefined;
      /** nextCursor of a list */
      readonly cursor?: string | undefined;
    };
    readonly output: {
      readonly items: readonly Token[];
      readonly nextCursor: string | null;
    };
  };
  /** Makes a token. Its secret is shown in this answer and never again. */
  readonly 'token.create': {
    readonly input: {
      /** who uses it: grafana; it stands in the audit as token:NAME */
      readonly name: string;
      readonly role?: 'viewer' | 'operator' | 'admin' | undefined;
      readonly scopes?:
        | readonly ('monitoring:read' | 'monitoring:write' | 'monitoring:admin')[]
        | undefined;
      /** 90d, or RFC 3339; never where left out */
      readonly expires?: string | undefined;
    };
    readonly output: {
      /** the middle part of toc_ID_SECRET */
      readonly id: string;
      readonly name: string;
      readonly role: 'viewer' | 'operator' | 'admin';
      readonly scopes: readonly ('monitoring:read' | 'monitoring:write' | 'monitoring:admin')[];
      readonly state: 'active' | 'expired';
      readonly createdAt: string;
      readonly createdBy: string;
      readonly expiresAt: string | null;
      readonly lastUsedAt: string | null;
      readonly secrets: readonly {
        readonly createdAt: string;
        readonly expiresAt: string | null;
      }[];
      /** what to send as a bearer; it is shown this once */
      readonly secret: string;
    };
  };
  /** Gives a token another role. Streams that need more than it has now are ended. */
  readonly 'token.change': {
    readonly input: {
      readonly id: string;
      readonly role: 'viewer' | 'operator' | 'admin';
    };
    readonly output: Token;
  };
  /** Ends a token for good, with its sessions; its streams end within 30 s. */
  readonly 'token.revoke': {
    readonly input: {
      readonly id: string;
    };
    readonly output: Token;
  };
  /**
   * Gives a token a new secret, shown in this answer and never again. The one before is valid
   * for a time longer, so that it can be replaced where it is used.
   */
  readonly 'token.rotate': {
    readonly input: {
      readonly id: string;
      /** how long the old secret is valid: 24h; at most 30d */
      readonly overlap?: string | undefined;
    };
    readonly output: {
      /** the middle part of toc_ID_SECRET */
      readonly id: string;
      readonly name: string;
      readonly role: 'viewer' | 'operator' | 'admin';
      readonly scopes: readonly ('monitoring:read' | 'monitoring:write' | 'monitoring:admin')[];
      readonly state: 'active' | 'expired';
      readonly createdAt: string;
      readonly createdBy: string;
      readonly expiresAt: string | null;
      readonly lastUsedAt: string | null;
      readonly secrets: readonly {
        readonly createdAt: string;
        readonly expiresAt: string | null;
      }[];
      /** what to send as a bearer; it is shown this once */
      readonly secret: string;
    };
  };
  /** Who one is here, and what one may do. */
  readonly 'session.show': {
    readonly input: Readonly<Record<string, never>>;
    readonly output: {
      /** token:grafana, uid:0, anonymous */
      readonly name: string;
      readonly role: 'none' | 'viewer' | 'operator' | 'admin';
      /** how that is known */
      readonly by: 'session' | 'token' | 'peer' | 'nothing';
      readonly expiresAt: string | null;
      readonly idleSeconds: number | null;
    };
  };
  /** Opens a session for a browser, with a token; the answer sets its cookie. */
  readonly 'session.open': {
    readonly input: Readonly<Record<string, never>>;
    readonly output: {
      /** token:grafana, uid:0, anonymous */
      readonly name: string;
      readonly role: 'none' | 'viewer' | 'operator' | 'admin';
      /** how that is known */
      readonly by: 'session' | 'token' | 'peer' | 'nothing';
      readonly expiresAt: string | null;
      readonly idleSeconds: number | null;
    };
  };
  /** Ends the session that one came with; the answer takes its cookie away. */
  readonly 'session.close': {
    readonly input: Readonly<Record<string, never>>;
    readonly output: {
      /** there was one */
      readonly closed: boolean;
    };
  };
  /** A ticket for one stream within 30 s, as `?ticket=`: where a program cannot send a header. */
  readonly 'stream.ticket': {
    readonly input: Readonly<Record<string, never>>;
    readonly output: {
      readonly ticket: string;
      readonly expiresAt: string;
    };
  };
  /** Who did what through which door, and what became of it; newest first. */
  readonly 'audit.list': {
    readonly input: {
      readonly by?: string | undefined;
      readonly operation?: string | undefined;
      /** RFC 3339, or how long ago: 90s, 15m, 1h30m, 2d */
      readonly since?: string | undefined;
      /** RFC 3339, or how long ago: 90s, 15m, 1h30m, 2d */
      readonly until?: string | undefined;
      /** default 100 */
      readonly limit?: number | undefined;
      /** nextCursor of a list */
      readonly cursor?: string | undefined;
    };
    readonly output: {
      readonly items: readonly AuditRow[];
      readonly nextCursor: string | null;
    };
  };
  /** Checks the hashes of the whole audit: was a row changed, removed or put in? */
  readonly 'audit.verify': {
    readonly input: Readonly<Record<string, never>>;
    readonly output: {
      readonly result: 'sound' | 'broken';
      readonly rows: number | null;
      readonly head: string | null;
      readonly number: number | null;
      readonly why: string | null;
    };
  };
  /** All codes of problem documents, explained. */
  readonly 'problem.list': {
    readonly input: Readonly<Record<string, never>>;
    readonly output: {
      readonly items: readonly ProblemKind[];
      readonly nextCursor: null;
    };
  };
  /** What a code means and what to do: where `type` of a problem document points. */
  readonly 'problem.get': {
    readonly input: {
      /** `code` of a problem document */
      readonly code: string;
    };
    readonly output: ProblemKind;
  };
  /** This document: OpenAPI 3.1. */
  readonly 'specification.openapi': {
    readonly input: Readonly<Record<string, never>>;
    readonly output: {
      readonly [field: string]: unknown;
    };
  };
  /** The stream: AsyncAPI 3.0. */
  readonly 'specification.asyncapi': {
    readonly input: Readonly<Record<string, never>>;
    readonly output: {
      readonly [field: string]: unknown;
    };
  };
}
/** Where each operation is. */
export const places = {
  'health.status': ['GET', '/api/v1/health'],
  'daemon.reload': ['POST', '/api/v1/reload'],
  'alert.list': ['GET', '/api/v1/monitoring/alerts'],
  'alert.raise': ['POST', '/api/v1/monitoring/alerts'],
  'alert.acknowledgeMany': ['POST', '/api/v1/monitoring/alerts/acknowledge'],
  'alert.unacknowledgeMany': ['POST', '/api/v1/monitoring/alerts/unacknowledge'],
  'alert.resolveMany': ['POST', '/api/v1/monitoring/alerts/resolve'],
  'alert.commentMany': ['POST', '/api/v1/monitoring/alerts/comment'],
  'alert.get': ['GET', '/api/v1/monitoring/alerts/{id}'],
  'alert.timeline': ['GET', '/api/v1/monitoring/alerts/{id}/timeline'],
  'alert.explain': ['GET', '/api/v1/monitoring/alerts/{id}/explain'],
  'alert.acknowledge': ['POST', '/api/v1/monitoring/alerts/{id}/acknowledge'],
  'alert.unacknowledge': ['POST', '/api/v1/monitoring/alerts/{id}/unacknowledge'],
  'alert.resolve': ['POST', '/api/v1/monitoring/alerts/{id}/resolve'],
  'alert.comment': ['POST', '/api/v1/monitoring/alerts/{id}/comment'],
  'stream.follow': ['GET', '/api/v1/monitoring/events'],
  'metrics.show': ['GET', '/api/v1/monitoring/metrics'],
  'metrics.history': ['GET', '/api/v1/monitoring/metrics/history'],
  'event.list': ['GET', '/api/v1/events'],
  'resource.list': ['GET', '/api/v1/resources'],
  'resource.get': ['GET', '/api/v1/resources/{kind}/{id}'],
  'alert.bundle': ['GET', '/api/v1/monitoring/alerts/{id}/bundle'],
  'rule.backtest': ['POST', '/api/v1/rules/backtest'],
  'rule.backtestProgress': ['GET', '/api/v1/backtest'],
  'recording.start': ['POST', '/api/v1/recordings'],
  'recording.read': ['GET', '/api/v1/recordings/{id}'],
  'recording.stop': ['DELETE', '/api/v1/recordings/{id}'],
  'topology.show': ['GET', '/api/v1/topology'],
  'task.list': ['GET', '/api/v1/tasks'],
  'task.report': ['POST', '/api/v1/tasks'],
  'task.get': ['GET', '/api/v1/tasks/{id}'],
  'task.update': ['PATCH', '/api/v1/tasks/{id}'],
  'rule.list': ['GET', '/api/v1/rules'],
  'rule.create': ['POST', '/api/v1/rules'],
  'rule.delta': ['GET', '/api/v1/rules/delta'],
  'rule.get': ['GET', '/api/v1/rules/{id}'],
  'rule.replace': ['PUT', '/api/v1/rules/{id}'],
  'rule.change': ['PATCH', '/api/v1/rules/{id}'],
  'rule.remove': ['DELETE', '/api/v1/rules/{id}'],
  'rule.validate': ['POST', '/api/v1/rules/validate'],
  'rule.drill': ['POST', '/api/v1/rules/{id}/drill'],
  'channel.list': ['GET', '/api/v1/channels'],
  'channel.test': ['POST', '/api/v1/channels/{name}/test'],
  'delivery.list': ['GET', '/api/v1/deliveries'],
  'silence.list': ['GET', '/api/v1/silences'],
  'silence.save': ['POST', '/api/v1/silences'],
  'silence.preview': ['POST', '/api/v1/silences/preview'],
  'silence.get': ['GET', '/api/v1/silences/{id}'],
  'silence.expire': ['DELETE', '/api/v1/silences/{id}'],
  'maintenance.list': ['GET', '/api/v1/maintenance'],
  'maintenance.add': ['POST', '/api/v1/maintenance'],
  'maintenance.get': ['GET', '/api/v1/maintenance/{id}'],
  'maintenance.end': ['DELETE', '/api/v1/maintenance/{id}'],
  'token.list': ['GET', '/api/v1/tokens'],
  'token.create': ['POST', '/api/v1/tokens'],
  'token.change': ['PATCH', '/api/v1/tokens/{id}'],
  'token.revoke': ['DELETE', '/api/v1/tokens/{id}'],
  'token.rotate': ['POST', '/api/v1/tokens/{id}/rotate'],
  'session.show': ['GET', '/api/v1/session'],
  'session.open': ['POST', '/api/v1/session'],
  'session.close': ['DELETE', '/api/v1/session'],
  'stream.ticket': ['POST', '/api/v1/monitoring/stream-ticket'],
  'audit.list': ['GET', '/api/v1/audit'],
  'audit.verify': ['GET', '/api/v1/audit/verify'],
  'problem.list': ['GET', '/problems'],
  'problem.get': ['GET', '/problems/{code}'],
  'specification.openapi': ['GET', '/api/v1/openapi.json'],
  'specification.asyncapi': ['GET', '/api/v1/asyncapi.json'],
} as const;
