'use strict';
// Makes the line that `otail tail -o json` must print for an item, from the SDK's own objects; see ../python/lines.py.

const { SpanKind, SpanStatusCode } = require('@opentelemetry/api');
const { AggregationTemporality, DataPointType } = require('@opentelemetry/sdk-metrics');

const spans = (batch) =>
  batch.map((span) =>
    line({
      signal: 'span',
      trace_id: span.spanContext().traceId,
      span_id: span.spanContext().spanId,
      parent_span_id: span.parentSpanContext?.spanId,
      trace_state: span.spanContext().traceState?.serialize(),
      name: text(span.name),
      service: span.resource.attributes['service.name'],
      kind: SpanKind[span.kind].toLowerCase(),
      start: time(span.startTime),
      end: time(span.endTime),
      duration_ns: Number(nanos(span.endTime) - nanos(span.startTime)),
      status: SpanStatusCode[span.status.code].toLowerCase(),
      status_message: span.status.message,
      attributes: mapping(span.attributes),
      resource: mapping(span.resource.attributes),
      scope: scope(span.instrumentationScope),
      // Bit 8: it is known whether the parent is remote. Bit 9: it is remote.
      flags: span.spanContext().traceFlags | 0x100 | (span.parentSpanContext?.isRemote ? 0x200 : 0),
      events: span.events.map((event) =>
        line({ name: event.name, time: time(event.time), attributes: mapping(event.attributes) }),
      ),
      links: span.links.map((link) =>
        line({
          trace_id: link.context.traceId,
          span_id: link.context.spanId,
          trace_state: link.context.traceState?.serialize(),
          flags: (link.context.traceFlags ?? 0) | 0x100 | (link.context.isRemote ? 0x200 : 0),
          attributes: mapping(link.attributes),
        }),
      ),
    }),
  );

const logs = (batch) =>
  batch.map((record) =>
    line({
      signal: 'log',
      time: time(record.hrTime),
      observed: time(record.hrTimeObserved),
      severity: record.severityText,
      severity_number: record.severityNumber,
      body: value(record.body),
      event_name: record.eventName,
      trace_id: record.spanContext?.traceId,
      span_id: record.spanContext?.spanId,
      service: record.resource.attributes['service.name'],
      attributes: mapping(record.attributes),
      resource: mapping(record.resource.attributes),
      scope: scope(record.instrumentationScope),
      flags: record.spanContext?.traceFlags,
    }),
  );

const metrics = (data) =>
  data.scopeMetrics.flatMap((ofScope) =>
    ofScope.metrics.flatMap((metric) =>
      metric.dataPoints.map((point) =>
        line({
          signal: 'metric',
          name: metric.descriptor.name,
          unit: metric.descriptor.unit,
          description: metric.descriptor.description,
          service: data.resource.attributes['service.name'],
          start: time(point.startTime),
          time: time(point.endTime),
          ...shape(metric, point),
          attributes: mapping(point.attributes),
          resource: mapping(data.resource.attributes),
          scope: scope(ofScope.scope),
        }),
      ),
    ),
  );

function shape(metric, point) {
  const temporality = AggregationTemporality[metric.aggregationTemporality].toLowerCase();
  const { count, sum, min, max } = point.value;
  switch (metric.dataPointType) {
    case DataPointType.GAUGE:
      return { type: 'gauge', value: point.value };
    case DataPointType.SUM:
      return { type: 'sum', temporality, monotonic: metric.isMonotonic, value: point.value };
    case DataPointType.HISTOGRAM: {
      const { boundaries, counts } = point.value.buckets;
      return { type: 'histogram', temporality, count, sum, min, max, buckets: { bounds: boundaries, counts } };
    }
    case DataPointType.EXPONENTIAL_HISTOGRAM: {
      const { scale, zeroCount, positive, negative } = point.value;
      const exponential = {
        scale,
        zero_count: zeroCount,
        zero_threshold: 0,
        positive: buckets(positive),
        negative: buckets(negative),
      };
      return { type: 'exponential_histogram', temporality, count, sum, min, max, exponential };
    }
  }
}

const buckets = ({ offset, bucketCounts }) => ({ offset, counts: bucketCounts });

const scope = ({ name, version, schemaUrl, attributes }) =>
  line({ name, version, schema_url: schemaUrl, attributes: mapping(attributes) });

// The line without empty fields: OTLP does not distinguish them from absent ones.
function line(fields) {
  const empty = (field) =>
    field == null || field === '' || (typeof field === 'object' && Object.keys(field).length === 0);
  return Object.fromEntries(Object.entries(fields).filter(([, field]) => !empty(field)));
}

const mapping = (attributes) =>
  Object.fromEntries(Object.entries(attributes ?? {}).map(([key, item]) => [text(key), value(item)]));

function value(item) {
  if (typeof item === 'string') return text(item);
  // JSON has no such numbers: the SDK sends `null`, which is an empty value.
  if (typeof item === 'number') return Number.isFinite(item) ? item : null;
  if (item instanceof Uint8Array) return Buffer.from(item).toString('base64');
  if (Array.isArray(item)) return item.map(value);
  if (item !== null && typeof item === 'object') return mapping(item);
  return item ?? null;
}

// A lone surrogate is not a character; it becomes the replacement character.
const text = (item) =>
  item.replace(/[\ud800-\udbff][\udc00-\udfff]|[\ud800-\udfff]/g, (found) => (found.length === 2 ? found : '\ufffd'));

const nanos = ([seconds, fraction]) => BigInt(seconds) * 1_000_000_000n + BigInt(Math.trunc(fraction));

// RFC 3339, UTC, nine digits; undefined for 0, which means no time.
function time(at) {
  const all = nanos(at);
  if (all === 0n) return undefined;
  const seconds = new Date(Number(all / 1_000_000_000n) * 1_000).toISOString().slice(0, 19);
  return `${seconds}.${String(all % 1_000_000_000n).padStart(9, '0')}Z`;
}

module.exports = { spans, logs, metrics };
