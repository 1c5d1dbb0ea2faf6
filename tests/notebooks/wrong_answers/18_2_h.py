# expects: each minute 50 requests
refused = {'alert': 'R', 'expr': 'sum(increase(live_requests_total{status=~"[45].."}[10m])) > 100', 'for': '5m', 'labels': {'severity': 'ticket'}}
