# expects: 15 requests
refused = {'alert': 'R', 'expr': 'sum(increase(live_requests_total{status=~"4.."}[10m])) > 100', 'for': '5s', 'labels': {'severity': 'ticket'}}
