export type Metric = { name: string; unit: 'Count' | 'Seconds'; value: number };

/**
 * A line in CloudWatch's embedded metric format. The dimensions name properties, each set by itself.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export function embeddedMetrics(
  metrics: readonly Metric[],
  {
    namespace,
    nowMs,
    dimensions = [[]],
    properties = {},
  }: {
    namespace: string;
    nowMs: number;
    dimensions?: string[][];
    properties?: Record<string, string>;
  },
): string {
  return JSON.stringify({
    _aws: {
      Timestamp: nowMs,
      CloudWatchMetrics: [
        {
          Namespace: namespace,
          Dimensions: dimensions,
          Metrics: metrics.map(({ name, unit }) => ({ Name: name, Unit: unit })),
        },
      ],
    },
    ...properties,
    ...Object.fromEntries(metrics.map(({ name, value }) => [name, value])),
  });
}
