# expects: cannot read the rule
refused = {'alert': 'R', 'expr': 'rate(live_requests_total{status=~"4.."}[10m]) > 100', 'for': '5m', 'labels': {'severity': 'ticket'}}
