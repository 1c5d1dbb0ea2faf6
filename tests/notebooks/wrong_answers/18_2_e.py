# expects: so 100 in ten minutes
refused = {'alert': 'R', 'expr': 'sum(increase(live_requests_total{status=~"4.."}[10m])) > 99', 'for': '5m', 'labels': {'severity': 'ticket'}}
