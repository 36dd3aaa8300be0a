/**
 * The channels as Alertmanager's configuration: Grafana parses it, `amtool config routes` walks
 * it. Receivers have their names alone, so that no secret can be in it. Texts are written as JSON,
 * which YAML takes for quoted.
 */
import { renderDuration } from '../../domain/time.ts';
import { resolveTimeout } from './alert-view.ts';
import { groupByDefault, matcherTexts, type Route, type Routing, receiverNames } from './routes.ts';

const listOf = (texts: readonly string[]): string => JSON.stringify(texts);

function linesOf(route: Route): readonly string[] {
  const texts = matcherTexts(route);
  const times = [
    ['group_wait', route.groupWait],
    ['group_interval', route.groupInterval],
    ['repeat_interval', route.repeatInterval],
  ] as const;
  return [
    `  - receiver: ${JSON.stringify(route.receiver)}`,
    '    continue: true',
    ...(texts.length === 0 ? [] : [`    matchers: ${listOf(texts)}`]),
    `    group_by: ${listOf(route.groupBy)}`,
    ...times.flatMap(([name, time]) =>
      time === undefined ? [] : [`    ${name}: ${renderDuration(time)}`],
    ),
  ];
}

export function renderConfig(routing: Routing): string {
  const routes = routing.routes.flatMap(linesOf);
  return [
    '# The channels of tocsin, which are set in /etc/tocsin/tocsin.yaml.',
    'global:',
    `  resolve_timeout: ${renderDuration(resolveTimeout)}`,
    'route:',
    `  receiver: ${JSON.stringify(routing.nobody)}`,
    `  group_by: ${listOf(groupByDefault)}`,
    ...(routes.length === 0 ? [] : ['  routes:', ...routes]),
    'receivers:',
    ...receiverNames(routing).map((name) => `- name: ${JSON.stringify(name)}`),
    '',
  ].join('\n');
}
