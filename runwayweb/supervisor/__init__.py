"""Keeps every process of one machine running: what `manage.py up` is made of."""
