export interface CloudEvent {
  id: string;
  type: string;
  /** The service that published it. */
  source: string;
  time: Date;
  /** The key. */
  subject: string;
}

/** Headers of the CloudEvents 1.0 Kafka binding, binary mode (https://github.com/cloudevents/spec, kafka-protocol-binding). */
export function cloudEventHeaders({ id, type, source, time, subject }: CloudEvent): Record<string, string> {
  return {
    ce_specversion: '1.0',
    ce_id: id,
    ce_type: type,
    ce_source: `/${source}`,
    ce_time: time.toISOString(),
    ce_subject: subject,
    'content-type': 'application/protobuf',
  };
}

/** What a consumer needs of the headers; undefined when they are not those of a CloudEvent. */
export function readCloudEvent(
  headers: Readonly<Record<string, string>>,
): { id: string; type: string; time: Date } | undefined {
  const { ce_id: id, ce_type: type, ce_time: time } = headers;
  if (!id || !type) return undefined;
  const parsed = time ? new Date(time) : new Date(Number.NaN);
  return { id, type, time: Number.isNaN(parsed.getTime()) ? new Date(0) : parsed };
}
