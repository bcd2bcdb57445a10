const ENDPOINT = /^(\[[\da-f:.]+\]|[^:/,[\]\s]+):\d{1,5}$/i;

/** Whether a text is `host:port`, or several of them separated by commas: where the replicas of a service are. */
export function isEndpoints(text: string): boolean {
  return endpointsIn(text).every((endpoint) => ENDPOINT.test(endpoint));
}

/** The hosts that a list of endpoints names; IPv6 addresses without their brackets. */
export function hostsOf(endpoints: string): string[] {
  return endpointsIn(endpoints).map((endpoint) => endpoint.replace(/:\d+$/, '').replace(/^\[|\]$/g, ''));
}

export const endpointsIn = (text: string): string[] => text.split(',').map((endpoint) => endpoint.trim());
