# expects: each minute 50
refused = {'alert': 'R', 'expr': 'sum(increase(live_requests_total{status=~"4..|5.."}[10m])) > 100', 'for': '5m', 'labels': {'severity': 'ticket'}}
