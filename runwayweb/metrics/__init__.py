"""`/metrics`: what a Prometheus asks every few seconds, see docs/metrics.md."""
