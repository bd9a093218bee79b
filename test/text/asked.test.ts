import { expect, test } from 'vitest';
import { readAsked } from '../../text/asked.ts';

test.each([
  ['When is the launch?', ['date', 'weekday', 'time']],
  ['At what hour do doors open?', ['time']],
  ['On which weekday is it sent out?', ['weekday']],
  ['Until when is it open on a weekday?', ['date', 'weekday', 'time']],
  ['Which code opens the gate?', ['number', 'percent', 'time']],
  ['How many nodes are planned?', ['number', 'percent', 'time']],
  ['What does one probe cost?', ['money', 'number', 'percent']],
  ['Which version do the nodes run?', ['version', 'number']],
  ['Who owns the report?', ['name']],
  ['Where does the fair take place?', ['name']],
  ['Can a shopper order as a guest?', []],
  ['What is my current plan?', []],
  ["What's the port of staging?", ['number', 'percent', 'time']],
  ['Can you remind me which port staging uses?', ['number', 'percent', 'time']],
  ['Who is responsible for the totals before and after the move?', ['name']],
])('%s asks for now, for one of %j', (question, kinds) => {
  expect(readAsked(question)).toMatchObject({ now: true, kinds });
});

test.each([
  'When was the launch planned at first?',
  'How many orders did we lose?',
  'Who had the idea?',
  'Which firm donated money?',
  'Who brought the shop down?',
  'How has the deadline changed?',
  'How many days are between the two releases?',
  'What used to be the port?',
  'Why is an emulator not enough?',
  'How should bad news be told?',
  'Tell me about the fair',
  'staging port',
  '',
])('%s does not', (question) => {
  expect(readAsked(question).now).toBe(false);
});

test.each([
  ['What books has Maria read?', true],
  ['Which cities have they visited?', true],
  ['How many times has Joan been there?', true],
  ['When did Maria move?', false],
  ['What did Maria buy?', false],
])('%s asks for a list: %j', (question, list) => {
  expect(readAsked(question).list).toBe(list);
});
