"""The log as JSON, one object a line, for whoever collects it: LOG_FORMAT=json."""

import json
import logging
from datetime import UTC, datetime


class JsonFormatter(logging.Formatter):
    """What is empty is left out. Newlines inside are escaped, so a line is always one record."""

    def format(self, record):
        told = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            "request_id": getattr(record, "request_id", ""),
            "generation_id": getattr(record, "generation_id", ""),
            "attempt": getattr(record, "attempt", 0),
            # Made by the filter that masks keys; others have none of it yet.
            "exception": record.exc_text or (self.formatException(record.exc_info) if record.exc_info else ""),
        }
        return json.dumps({name: value for name, value in told.items() if value}, ensure_ascii=False)
