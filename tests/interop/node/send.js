'use strict';
// Sends traces, metrics and logs with the OpenTelemetry SDK as OTLP/JSON, and writes a manifest of them.
//
//     node send.js ENDPOINT none|gzip MANIFEST
//
// MANIFEST becomes a JSON array: for each item the line that `otail tail -o json` must print, without `source` and
// `received`. Ends with an error if an export fails, or if the exporters got another number of items than this script made.

const assert = require('node:assert');
const fs = require('node:fs');
const { ROOT_CONTEXT, SpanKind, SpanStatusCode, ValueType, createTraceState, trace } = require('@opentelemetry/api');
const { SeverityNumber } = require('@opentelemetry/api-logs');
const { OTLPLogExporter } = require('@opentelemetry/exporter-logs-otlp-http');
const {
  AggregationTemporalityPreference,
  OTLPMetricExporter,
} = require('@opentelemetry/exporter-metrics-otlp-http');
const { OTLPTraceExporter } = require('@opentelemetry/exporter-trace-otlp-http');
const { defaultResource, resourceFromAttributes } = require('@opentelemetry/resources');
const { BatchLogRecordProcessor, LoggerProvider } = require('@opentelemetry/sdk-logs');
const { AggregationType, MeterProvider, PeriodicExportingMetricReader } = require('@opentelemetry/sdk-metrics');
const { BasicTracerProvider, BatchSpanProcessor } = require('@opentelemetry/sdk-trace-base');
const lines = require('./lines.js');

const [endpoint, compression, manifest] = process.argv.slice(2);

const FLAT = {
  text: 'plain',
  'text.empty': '',
  'text.unicode': 'žluťoučký kůň 🐎 \u202e\u200b',
  'text.control': 'a\x1b[2J\x1b]52;c;Zm9v\x07\x9b\x00\x7f\r\n\tb',
  'text.quotes': '"\\/',
  'text.lone.surrogate': 'half \ud83d horse',
  'text.long': '0123456789'.repeat(2_000),
  'bool.true': true,
  'bool.false': false,
  int: 42,
  'int.zero': 0,
  'int.negative': -7,
  'int.safe': Number.MAX_SAFE_INTEGER,
  double: 0.1,
  'double.tiny': 5e-324,
  // The SDK calls every whole number an integer, even beyond 64 bits.
  'double.beyond.int64': 1e20,
  'double.huge': 1.7976931348623157e308,
  'double.nan': NaN,
  'double.infinity': Infinity,
  'array.text': ['a', '', 'c'],
  'array.bool': [true, false],
  'array.number': [1, -1.5],
  'array.holes': ['a', null, undefined],
  'array.empty': [],
  'key with spaces': 1,
  'ключ': 'value',
};
const NESTED = {
  ...FLAT,
  bytes: Uint8Array.from({ length: 256 }, (_, index) => index),
  map: { a: 1, b: { c: [{ d: 'deep' }, []] } },
  'map.empty': {},
  'array.mixed': ['a', 1, 2.5, false, null, {}],
};
const BULK = 300;

const resource = defaultResource().merge(
  resourceFromAttributes({
    'service.name': 'storefront',
    'service.version': '7.0.1',
    ...Object.fromEntries(Object.entries(FLAT).map(([key, item]) => [`resource.${key}`, item])),
  }),
);
const owed = [];
let failed;

// Wraps an exporter and records the lines that otail must print for the exported items.
function recording(exporter, read, items) {
  const inner = exporter.export.bind(exporter);
  exporter.export = (batch, done) => {
    const kept = read(batch);
    items.push(...kept);
    owed.push(...kept);
    inner(batch, (result) => {
      if (result.code !== 0) failed = result.error ?? new Error(`export answered ${result.code}`);
      done(result);
    });
  };
  return exporter;
}

const options = (path) => ({ url: `${endpoint}/v1/${path}`, compression, timeoutMillis: 30_000 });

async function sendTraces() {
  const sent = [];
  const exporter = recording(new OTLPTraceExporter(options('traces')), lines.spans, sent);
  const processor = new BatchSpanProcessor(exporter, { maxExportBatchSize: 64, maxQueueSize: 4_096 });
  const provider = new BasicTracerProvider({
    resource,
    spanProcessors: [processor],
    spanLimits: { attributeCountLimit: 128 },
  });
  const tracer = provider.getTracer('web', '2.1.0', { schemaUrl: 'https://opentelemetry.io/schemas/1.37.0' });
  const bare = provider.getTracer('web.bare');
  let ended = 0;
  const end = (span, at) => (span.end(at), ended++);

  const server = tracer.startSpan('GET /cart', { kind: SpanKind.SERVER, attributes: FLAT });
  server.addEvent('cart read', { items: 3, skus: ['a-1', 'b-2'] });
  server.addEvent('no attributes');
  const inServer = trace.setSpan(ROOT_CONTEXT, server);
  for (const kind of [SpanKind.INTERNAL, SpanKind.CLIENT, SpanKind.PRODUCER, SpanKind.CONSUMER]) {
    const child = tracer.startSpan(`child ${SpanKind[kind]}`, { kind }, inServer);
    end(bare.startSpan('grandchild', {}, trace.setSpan(ROOT_CONTEXT, child)));
    end(child);
  }
  server.setStatus({ code: SpanStatusCode.OK });
  end(server);

  const fails = tracer.startSpan('fails');
  fails.recordException(new Error('payment declined: žádné peníze'));
  fails.setStatus({ code: SpanStatusCode.ERROR, message: 'payment declined' });
  end(fails);

  const remote = {
    traceId: '0af7651916cd43dd8448eb211c80319c',
    spanId: 'b7ad6b7169203331',
    traceFlags: 1,
    isRemote: true,
    traceState: createTraceState('rojo=00f067aa0ba902b7,congo=t61rcWkgMzE'),
  };
  const links = [{ context: remote, attributes: FLAT }, { context: server.spanContext() }];
  end(tracer.startSpan('remote parent, links', { links }, trace.setSpanContext(ROOT_CONTEXT, remote)));
  end(tracer.startSpan('zero length', { startTime: [1_700_000_000, 7] }), [1_700_000_000, 7]);
  end(tracer.startSpan('half a \ud83d horse'));
  for (let number = 0; number < BULK; number++) {
    end(bare.startSpan(`bulk ${number % 7}`, { attributes: { number, even: number % 2 === 0 } }));
  }
  await provider.shutdown();
  assert.strictEqual(sent.length, ended);
}

async function sendLogs() {
  const sent = [];
  const exporter = recording(new OTLPLogExporter(options('logs')), lines.logs, sent);
  const provider = new LoggerProvider({
    resource,
    processors: [new BatchLogRecordProcessor({ exporter, maxExportBatchSize: 32 })],
  });
  const logger = provider.getLogger('web.log', '0.9.0');
  let emitted = 0;
  const emit = (record) => {
    emitted++;
    logger.emit({ timestamp: [1_700_000_000, emitted], observedTimestamp: [1_700_000_001, emitted], ...record });
  };

  for (let severityNumber = SeverityNumber.TRACE; severityNumber <= SeverityNumber.FATAL4; severityNumber++) {
    emit({ severityNumber, severityText: SeverityNumber[severityNumber], body: `severity ${severityNumber}` });
  }
  const info = { severityNumber: SeverityNumber.INFO, severityText: 'INFO' };
  emit({ body: 'no severity' });
  for (const body of Object.values(NESTED)) emit({ ...info, body });
  emit({ ...info, body: NESTED, attributes: NESTED });
  emit({ ...info, body: { total: 3 }, eventName: 'cart.checked_out' });
  const context = trace.setSpanContext(ROOT_CONTEXT, {
    traceId: '0af7651916cd43dd8448eb211c80319c',
    spanId: 'b7ad6b7169203331',
    traceFlags: 1,
  });
  emit({ ...info, body: 'in a trace', context });
  await provider.shutdown();
  assert.strictEqual(sent.length, emitted);
}

async function sendMetrics(temporalityPreference) {
  const sent = [];
  const exporter = recording(
    new OTLPMetricExporter({ ...options('metrics'), temporalityPreference }),
    lines.metrics,
    sent,
  );
  const provider = new MeterProvider({
    resource,
    readers: [new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 })],
    views: [
      {
        instrumentName: '*.exponential',
        aggregation: { type: AggregationType.EXPONENTIAL_HISTOGRAM, options: { maxSize: 20 } },
      },
    ],
  });
  const meter = provider.getMeter('web.meter', '3.0.0');
  const orders = meter.createCounter('orders', { unit: '{order}', valueType: ValueType.INT });
  const amount = meter.createCounter('amount', { unit: 'EUR' });
  const active = meter.createUpDownCounter('active', { valueType: ValueType.INT });
  const temperature = meter.createGauge('temperature', { unit: 'Cel' });
  const latency = meter.createHistogram('latency', { unit: 'ms' });
  const bounds = meter.createHistogram('bounds', { advice: { explicitBucketBoundaries: [0, 2.5, 1e6] } });
  const exponential = meter.createHistogram('latency.exponential', { unit: 's' });
  meter.createObservableGauge('queue').addCallback((result) => result.observe(-4, FLAT));
  meter.createObservableCounter('cpu', { unit: 's' }).addCallback((result) => result.observe(12.5, { mode: 'user' }));

  for (let turn = 0; turn < 3; turn++) {
    for (let number = 1; number <= 10; number++) {
      orders.add(number, { region: number % 2 ? 'north' : 'south' });
      latency.record(number * 7.5, { route: '/cart' });
      exponential.record(number * 0.013, { route: '/cart' });
    }
    amount.add(0.1);
    active.add(3 - 2 * turn, { pool: 'a' });
    temperature.record(21.5 + turn, { room: 'server' });
    for (const measured of [0, 2.5, 2 ** 40]) bounds.record(measured);
    for (const measured of [0, 1e-9, 1e9]) exponential.record(measured, { route: '/wide' });
    await provider.forceFlush();
  }
  await provider.shutdown();

  const cumulative = temporalityPreference === AggregationTemporalityPreference.CUMULATIVE;
  const north = sent.filter((line) => line.name === 'orders' && line.attributes.region === 'north');
  assert.deepStrictEqual(
    north.slice(0, 3).map((line) => line.value),
    cumulative ? [25, 50, 75] : [25, 25, 25],
  );
  assert.strictEqual(new Set(sent.map((line) => line.type)).size, 4);
}

async function main() {
  await sendTraces();
  await sendLogs();
  await sendMetrics(AggregationTemporalityPreference.CUMULATIVE);
  await sendMetrics(AggregationTemporalityPreference.DELTA);
  if (failed) throw failed;
  fs.writeFileSync(manifest, JSON.stringify(owed));
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
