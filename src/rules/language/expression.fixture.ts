/** For tests of expressions: a kind with an attribute of each type, and what can be named. */
import { counter, defineKind, duration, flag, gauge, instant, word } from '../../domain/kind.ts';
import { vocabularyOf } from './vocabulary.ts';

const source = 'test';
export const unit = defineKind('systemd.unit', {
  title: 'unit',
  identity: 'NAME',
  attributes: {
    activeState: word({ help: '', source, values: ['active', 'failed', 'inactive'] }),
    result: word({ help: '', source }),
    watched: flag({ help: '', source }),
    restarting: flag({ help: '', source }),
    nRestarts: counter({ help: '', source, unit: 'restarts' }),
    memoryBytes: gauge({ help: '', source, unit: 'bytes' }),
    stateChangeAt: instant({ help: '', source }),
    period: duration({ help: '', source }),
  },
  events: {
    'run-failed': { help: '', attributes: { code: gauge({ help: '', source, unit: 'status' }) } },
  },
});
export const words = vocabularyOf(unit);
export const eventWords = vocabularyOf(unit, unit.events['run-failed']);
