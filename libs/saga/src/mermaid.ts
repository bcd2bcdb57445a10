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
    '  subgraph back ["the deadline or a cancellation turns it back"]',
    ...back.map((step, at) => `    ${node(step, at)}`),
    '  end',
    ...steps.slice(pivot).map((step, at) => `  ${node(step, pivot + at)}`),
    ...steps.map(
      (step, at) => `  s${at + 1} -->|${names(step.success)}| ${at + 1 < steps.length ? `s${at + 2}` : 'done'}`,
    ),
    '  done([completed])',
    ...refusals(back),
    ...compensation(back),
  ];
  return `${lines.join('\n')}\n`;
}

function node(step: SagaStep<never>, at: number): string {
  const text = `${step.name}<br/>${step.command.message.name}`;
  return step.pivot ? `s${at + 1}{{"${text}<br/>the pivot: only forward from here"}}` : `s${at + 1}["${text}"]`;
}

const refusals = (back: readonly SagaStep<never>[]) =>
  back.map((step, at) => {
    const replies = names((step.failure ?? []).map((refusal) => refusal.message));
    return `  s${at + 1} -.->|${replies}| ${at === 0 ? 'undone' : 'undo'}`;
  });

function compensation(back: readonly SagaStep<never>[]): string[] {
  if (back.length === 0) return [];
  const undos = back.flatMap((step) => (step.undo ? [step.undo] : [])).reverse();
  const commands = names(undos.map((undo) => undo.command.message));
  return [
    '  back -.-> undo',
    `  undo["undo what was sent<br/>${commands}"]`,
    `  undo -->|${names(undos.map((undo) => undo.done))}| undone`,
    '  undone([compensated])',
  ];
}

const names = (messages: readonly DescMessage[]) => [...new Set(messages.map((message) => message.name))].join(', ');
