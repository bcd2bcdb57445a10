/** What a problem document of the gateway holds. */
export interface ProblemBody {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: string;
  readonly traceId?: string;
  readonly violations?: readonly { readonly field: string; readonly description: string }[];
  readonly retryAfter?: number;
  readonly metadata?: Readonly<Record<string, string>>;
}

export async function problemOf(response: Response): Promise<ProblemBody> {
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  return (await response.json()) as ProblemBody;
}
