"""What the cache holds, as JSON: Django's own serializer is pickle, which would run code of whoever can write there."""

import json


class JSONSerializer:
    """For Django's RedisCache. Only what JSON can say is kept; tuples come back as lists."""

    def dumps(self, value):
        # Valkey counts with plain integers (`incr`), so they stay as they are.
        return value if type(value) is int else json.dumps(value)

    def loads(self, data):
        return json.loads(data)
