# expects: each minute 15 requests
refused = {'alert': 'R', 'expr': 'sum(increase(live_requests_total{status=~"5.."}[10m])) > 100', 'for': '5m', 'labels': {'severity': 'ticket'}}
