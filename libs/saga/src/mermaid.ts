import type { DescMessage } from '@bufbuild/protobuf';
import type { SagaStep, SagaTable } from './table.js';

type Table = Pick<SagaTable<never>, 'name' | 'version' | 'steps'>;

/** A mermaid flowchart of the table: the way forward, where it turns back, and the point from which it cannot. */
export function toMermaid(table: Table): string {
  const { steps } = table;
  const pivot = steps.findIndex((step) => step.pivot);
  const back = steps.slice(0, pivot);
  const lines = [
    'flowchart TD',
    `  start([${table.name} v${table.version}]) --> s1`,
    ...wayBack(back),
    ...steps.slice(pivot).map((step, at) => `  ${node(step, pivot + at)}`),
    ...steps.map(
      (step, at) => `  s${at + 1} -->|${names(step.success)}| ${at + 1 < steps.length ? `s${at + 2}` : 'done'}`,
    ),
    '  done([completed])',
    ...refusals(steps),
    ...compensation(steps, back),
  ];
  return `${lines.join('\n')}\n`;
}

function node(step: SagaStep<never>, at: number): string {
  const text = `${step.name}<br/>${step.command.message.name}`;
  return step.pivot ? `s${at + 1}{{"${text}<br/>the pivot: only forward from here"}}` : `s${at + 1}["${text}"]`;
}

function wayBack(back: readonly SagaStep<never>[]): string[] {
  if (back.length === 0) return [];
  const nodes = back.map((step, at) => `    ${node(step, at)}`);
  return ['  subgraph back ["the deadline or a cancellation turns it back"]', ...nodes, '  end'];
}

const refusals = (steps: readonly SagaStep<never>[]) =>
  steps.flatMap(({ failure = [] }, at) => {
    const replies = names(failure.map((refusal) => refusal.message));
    return failure.length > 0 ? [`  s${at + 1} -.->|${replies}| ${at === 0 ? 'undone' : 'undo'}`] : [];
  });

function compensation(steps: readonly SagaStep<never>[], back: readonly SagaStep<never>[]): string[] {
  const undone = steps.some(({ failure = [] }) => failure.length > 0) ? ['  undone([compensated])'] : [];
  if (back.length === 0) return undone;
  const undos = back.flatMap((step) => (step.undo ? [step.undo] : [])).reverse();
  const commands = names(undos.map((undo) => undo.command.message));
  return [
    '  back -.-> undo',
    `  undo["undo what was sent<br/>${commands}"]`,
    `  undo -->|${names(undos.map((undo) => undo.done))}| undone`,
    ...undone,
  ];
}

const names = (messages: readonly DescMessage[]) => [...new Set(messages.map((message) => message.name))].join(', ');
