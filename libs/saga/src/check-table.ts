import type { DescMessage } from '@bufbuild/protobuf';
import { Channel_Kind, channelOf } from '#libs/contracts';
import { commandsOf, type SagaDefinition, type SagaStep } from './table.js';

type AnySteps = readonly SagaStep<never>[];

/** What is wrong with a saga table, in words; empty when it can run from every state to an end. */
export function checkTable<Data>(table: SagaDefinition<Data>): string[] {
  const steps: AnySteps = table.steps;
  return [
    ...(Number.isInteger(table.version) && table.version > 0 ? [] : ['version must be 1, 2, 3, …']),
    ...pivotProblems(steps),
    ...steps.flatMap((step, at) => stepProblems(step, at, pivotOf(steps))),
    ...repeated(steps.map((step) => step.name)).map((name) => `two steps are called "${name}"`),
    ...channelProblems(table),
    ...meaningProblems(steps),
    ...commandProblems(steps),
  ];
}

const pivotOf = (steps: AnySteps) => steps.findIndex((step) => step.pivot);

function pivotProblems(steps: AnySteps): string[] {
  const pivots = steps.filter((step) => step.pivot).length;
  return pivots === 1 ? [] : [`exactly one step must be the pivot, found ${pivots}`];
}

function stepProblems(step: SagaStep<never>, at: number, pivot: number): string[] {
  const refusals = step.failure?.length ?? 0;
  const problems = step.success.length === 0 ? [`"${step.name}" has no success reply: nothing would follow it`] : [];
  if (pivot < 0) return problems;
  if (at < pivot && refusals === 0) problems.push(`"${step.name}" is before the pivot and has no failure reply`);
  if (at < pivot && !step.undo) problems.push(`"${step.name}" is before the pivot and has no undo`);
  if (at > pivot && refusals > 0) {
    problems.push(`"${step.name}" has a failure reply, but after the pivot the saga only goes forward`);
  }
  if (at >= pivot && step.undo) {
    problems.push(`"${step.name}" has an undo, but from the pivot on nothing is undone: it is unreachable`);
  }
  return problems;
}

/** A reply must mean one thing, whenever it comes; only steps that share an undo share its reply. */
function meaningProblems(steps: AnySteps): string[] {
  const meanings = new Map<string, Set<string>>();
  const add = (reply: DescMessage, meaning: string) =>
    meanings.set(reply.typeName, (meanings.get(reply.typeName) ?? new Set()).add(meaning));
  for (const step of steps) {
    for (const reply of step.success) add(reply, `success of "${step.name}"`);
    for (const refusal of step.failure ?? []) add(refusal.message, `failure of "${step.name}"`);
    if (step.undo) add(step.undo.done, `${step.undo.command.message.typeName} is done`);
  }
  return [...meanings]
    .filter(([, meaning]) => meaning.size > 1)
    .map(([reply, meaning]) => `${reply} would be ambiguous: ${[...meaning].join(' and ')}`);
}

function commandProblems(steps: AnySteps): string[] {
  const forward = steps.map((step) => step.command.type);
  const undos = new Set(steps.flatMap((step) => (step.undo ? [step.undo.command.type] : [])));
  const doneBy = new Map<string, Set<string>>();
  for (const { undo } of steps) {
    if (undo) doneBy.set(undo.command.type, (doneBy.get(undo.command.type) ?? new Set()).add(undo.done.typeName));
  }
  return [
    ...repeated(forward).map((type) => `two steps send ${type}: their replies could not be told apart`),
    ...forward.filter((type) => undos.has(type)).map((type) => `${type} is both a step's command and an undo`),
    ...[...doneBy].filter(([, done]) => done.size > 1).map(([type]) => `${type} has two different replies`),
  ];
}

function channelProblems<Data>(table: SagaDefinition<Data>): string[] {
  const commands = commandsOf(table);
  const steps: AnySteps = table.steps;
  const replies = steps.flatMap((step) => [
    ...step.success,
    ...(step.failure ?? []).map((one) => one.message),
    ...(step.undo ? [step.undo.done] : []),
  ]);
  const wrong = (messages: DescMessage[], kind: Channel_Kind, what: string) =>
    [...new Set(messages)]
      .filter((message) => channelOf(message).kind !== kind)
      .map((message) => `${message.typeName} is used as a ${what}, but its channel says otherwise`);
  return [...wrong(commands, Channel_Kind.COMMAND, 'command'), ...wrong(replies, Channel_Kind.REPLY, 'reply')];
}

const repeated = (values: string[]) => [...new Set(values.filter((value, at) => values.indexOf(value) !== at))];
