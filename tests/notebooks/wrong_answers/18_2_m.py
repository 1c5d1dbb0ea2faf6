# expects: cannot read the rule
refused = {'alert': 'R', 'expr': 'sum(increase(live_requests_total{status=~"4.."}[10m])) > 100', 'for': 300, 'labels': {'severity': 'ticket'}}
