"""Alerts without Prometheus: the rules of `deploy/monitoring`, evaluated over scraped samples, grouped and sent."""
