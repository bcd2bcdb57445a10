import { readQuery, withoutVariables } from './promql.js';

describe('a query', () => {
  it('tells the metrics and labels it needs', () => {
    const query =
      'sum by (le) (rate(calls_bucket{job="gateway"}[5m])) / on (route) group_left () calls_total offset 1h';
    expect(readQuery(query)).toEqual({
      metrics: ['calls_bucket', 'calls_total'],
      labels: ['le', 'job', 'route'],
      problems: [],
    });
  });

  it('takes no function, keyword, label or text for a metric', () => {
    const query = 'max without (instance) (up{job=~"sum|rate"}) > bool 0 unless on () absent(ALERTS{alertname="x"})';
    expect(readQuery(query).metrics).toEqual(['up', 'ALERTS']);
  });

  it('is refused when Prometheus would refuse it', () => {
    expect(readQuery('sum(rate(calls_total[5m])').problems).not.toEqual([]);
    expect(readQuery('rate(calls_total[five])').problems).not.toEqual([]);
  });

  it('is refused when it selects no metric by name, for nobody could check that it exists', () => {
    expect(readQuery('count({job="gateway"})').problems).toEqual(['selects by labels alone: {job="gateway"}']);
  });

  it('may have the variables of a dashboard', () => {
    const query = 'rate(calls_total{http_route=~"$route"}[$__rate_interval])';
    expect(readQuery(query).problems).toEqual([]);
    expect(withoutVariables(query)).toBe('rate(calls_total{http_route=~".*"}[5m])');
  });
});
