# expects: a ticket is asked for
refused = {'alert': 'R', 'expr': 'sum(increase(live_requests_total{status=~"4.."}[10m])) > 100', 'for': '5m', 'labels': {'severity': 'page'}}
