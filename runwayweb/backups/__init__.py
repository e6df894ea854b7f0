"""Backups: what an installation is, kept beside it, and an installation made of one again. docs/backups.md."""
