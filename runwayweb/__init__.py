"""Runwayweb: a studio for films made with AI."""

__version__ = "0.1.0"
