import { styleText } from 'node:util';
import { oneLine, printable, shorten } from '../memory/line.ts';
import type { Life } from '../recall/why.ts';
import { plot } from './plot.ts';

/** Links and learned texts that a person is shown; --json has all. */
const SHOWN = 8;
/** Lines of events; the last ones. */
const SHOWN_EVENTS = 30;
const ROWS = 6;

interface Look {
  readonly colour: boolean;
  /** Of the terminal, in characters. */
  readonly width: number;
}

/** A memory's life for a person: the text, how strong it is and was, what happened, what it belongs to and why it is kept. */
export function printLife(life: Life, { colour, width }: Look): string {
  const style = (format: 'bold' | 'dim') => (text: string) =>
    colour ? styleText(format, text, { validateStream: false }) : text;
  const [bold, dim] = [style('bold'), style('dim')];
  const section = (title: string, lines: readonly string[]) =>
    lines.length === 0 ? [] : ['', bold(title), ...lines.map((line) => `  ${line}`)];
  const room = width - 2;
  const events = eventsOf(life);
  const links = life.links.slice(0, SHOWN).flatMap((link) => dimSecond(describeLink(link, room), dim));
  const changes = [
    ...life.supersededBy.flatMap((each) => dimSecond(describeRestated('outdated by', each.sentence, each, room), dim)),
    ...life.supersedes.flatMap((each) => dimSecond(describeRestated('restates', each.content, each, room), dim)),
  ];
  const learned = life.learned.slice(0, SHOWN).flatMap((each) => dimSecond(describeLearned(each, room), dim));
  return [
    printable(life.content).trimEnd(),
    dim(
      [
        moment(life.createdAt),
        life.agent,
        ...(life.kind === null ? [] : [life.kind]),
        ...life.tags.map((tag) => `#${oneLine(tag)}`),
      ].join(', '),
    ),
    dim(life.id),
    ...section(`As of ${moment(life.asOf)}`, describe(life)),
    ...section('Retrievability', curveOf(life, { width: room, dim })),
    ...section(counted('Events', events.length, SHOWN_EVENTS), events.slice(-SHOWN_EVENTS)),
    ...section(counted('Links', life.links.length), links),
    ...section('Changes', changes),
    ...section(counted('Learned from it', life.learned.length), learned),
  ].join('\n');
}

function dimSecond([first, second]: readonly [string, string], dim: (text: string) => string): string[] {
  return [first, dim(second)];
}

function describe({ strength, fate, importance, attended, session, episode, community }: Life): string[] {
  if (importance === null) return ['no cycle has read it yet: strength, links and fate come with the next one'];
  const size = (count: number) => (count === 1 ? '1 memory' : `${String(count)} memories`);
  return [
    strength === null
      ? 'strength    none known of that time'
      : `strength    retrievability ${strength.retrievability.toFixed(2)}, stability ${days(strength.stability)}, difficulty ${strength.difficulty.toFixed(1)}`,
    ...(strength === null
      ? []
      : [
          `traces      hippocampal ${strength.hippocampal.toFixed(2)}, cortical ${strength.cortical.toFixed(2)}: ${strength.state}`,
        ]),
    `attention   importance ${importance.toFixed(2)}, ${attended === true ? 'a slot in working memory' : 'no slot in working memory'}`,
    fate === null
      ? 'fate        none known of that time'
      : `fate        ${fate.name} since ${moment(fate.since)}: ${fate.why}`,
    ...(session === null
      ? []
      : [
          `session     ${size(session.size)} in ${session.episodes === 1 ? '1 episode' : `${String(session.episodes)} episodes`}, ${span(session)}`,
        ]),
    ...(episode === null
      ? []
      : [
          `episode     ${size(episode.size)}, ${span(episode)}${episode.title === null ? '' : `: ${oneLine(episode.title)}`}`,
        ]),
    ...(community === null ? [] : [`community   ${size(community.size)} that belong together`]),
  ];
}

function curveOf({ curve, asOf }: Life, { width, dim }: { width: number; dim: (text: string) => string }): string[] {
  const points = curve.map(({ at, retrievability }) => ({ at: Date.parse(at), value: retrievability }));
  return points.length < 2 ? [] : plot(points, { width, rows: ROWS, now: Date.parse(asOf), dim });
}

/** One line for each time: what happened then, and with how many others. */
function eventsOf({ events }: Life): string[] {
  const lines = new Map<string, string[]>();
  for (const event of events) lines.set(event.at, [...(lines.get(event.at) ?? []), describeEvent(event)]);
  return [...lines].map(([at, told]) => `${moment(at)}  ${told.join(', ')}`);
}

function describeEvent({ kind, grade, events, others }: Life['events'][number]): string {
  if (kind === 'earlier') return `the last of ${String(events)} earlier events`;
  if (kind === 'coactivate') return `active with ${String(others)} ${others === 1 ? 'other' : 'others'}`;
  return grade === null ? kind : `${kind}, grade ${String(grade)}`;
}

function describeLink(
  { weight, content, id, madeBy, bothMention, sameEpisode, activeTogether }: Life['links'][number],
  room: number,
): [string, string] {
  const common = [
    ...(madeBy.length > 0 ? [`made by ${madeBy.join(' and ')}`] : []),
    ...(sameEpisode ? ['same episode'] : []),
    ...((activeTogether ?? 0) > 0 ? [`${String(activeTogether)} times active together`] : []),
    ...(bothMention.length > 0 ? [`both mention ${bothMention.slice(0, 3).join(', ')}`] : []),
  ];
  return [
    shorten(`${weight?.toFixed(2) ?? ' ?  '}  ${oneLine(content)}`, room),
    `      ${[id, ...common.map(oneLine)].join(', ')}`,
  ];
}

function describeRestated(
  what: string,
  text: string,
  { id, createdAt, madeBy }: Life['supersedes'][number],
  room: number,
): [string, string] {
  return [shorten(`${what}  ${oneLine(text)}`, room), `      ${id}, ${moment(createdAt)}, made by ${madeBy}`];
}

function describeLearned({ kind, content, size, madeBy }: Life['learned'][number], room: number): [string, string] {
  return [shorten(`${kind}  ${oneLine(content)}`, room), `      from ${String(size)} memories, made by ${madeBy}`];
}

function counted(title: string, count: number, shown = SHOWN): string {
  return count > shown ? `${title} (${String(shown)} of ${String(count)}, all with --json)` : title;
}

function days(count: number): string {
  return count < 1 ? `${(count * 24).toFixed(1)} hours` : `${count.toFixed(1)} days`;
}

/** From when to when; of one day the day is said once. */
function span({ startedAt, endedAt }: { startedAt: string; endedAt: string }): string {
  const isSameDay = startedAt.slice(0, 10) === endedAt.slice(0, 10);
  return `${moment(startedAt).replace(/ UTC$/, '')} to ${isSameDay ? moment(endedAt).slice(11) : moment(endedAt)}`;
}

function moment(time: string): string {
  return `${time.slice(0, 16).replace('T', ' ')} UTC`;
}
