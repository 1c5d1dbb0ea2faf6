# expects: 400, 404, 413 and 422
refused = {'alert': 'R', 'expr': 'sum by (status) (increase(live_requests_total{status=~"4.."}[10m])) > 100', 'for': '5m', 'labels': {'severity': 'ticket'}}
