# expects: has no 'for'
refused = {'alert': 'R', 'expr': 'sum(increase(live_requests_total{status=~"4.."}[10m])) > 100', 'labels': {'severity': 'ticket'}}
