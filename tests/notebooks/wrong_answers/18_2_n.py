# expects: so 100 in ten minutes
refused = {'alert': 'R', 'expr': 'live_requests_total{status=~"4.."} > 100', 'for': '5m', 'labels': {'severity': 'ticket'}}
