# expects: 15 requests
refused = {'alert': 'R', 'expr': 'sum(increase(live_requests_total{status=~"4.."}[5m])) > 100', 'for': '5m', 'labels': {'severity': 'ticket'}}
