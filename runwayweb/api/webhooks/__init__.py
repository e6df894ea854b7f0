"""Outgoing webhooks, by Standard Webhooks 1.0: https://github.com/standard-webhooks/standard-webhooks."""
