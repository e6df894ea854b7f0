"""A small Stripe of our own: a process that keeps products, customers, subscriptions and invoices as Stripe does.

`python -m tests.servers.stripe --port 12111 --webhook http://127.0.0.1:8000/billing/webhook --secret whsec_demo`.

What the official library asks for is answered in the shape of API version 2026-10-28.endive. There are pages one can
press: Checkout, the billing portal, an invoice, and at `/` a desk where time passes, cards fail and money goes back.
`/_control/…` is for tests: faults, deliveries, the log of requests. Everything lies in memory.
"""
