"""Run as a process of its own: what a media file from outside says of how it was made.

    python recipe_reading.py GIVEN MOST_BYTES

It reads the head of an MP4, an M4A or a PNG and decodes nothing, may take little memory and time, and opens no other
file and no address. On its last line it prints JSON, {"comment": text}, or with exit status 2 {"refused": why}.
"""

import json
import resource
import struct
import sys
import zlib

PNG = b"\x89PNG\r\n\x1a\n"
KEYWORD = b"Comment"
OPTIONS = {"format_whitelist": "mov", "codec_whitelist": "h264,aac", "protocol_whitelist": "file"}
CHUNKS = 1000
MEMORY_BYTES = 1024**3
PROCESSOR_SECONDS = 10


class Refused(Exception):
    """Nothing that can be read: its text names why."""


def comment_of_png(file, most_bytes):
    """The text of the iTXt chunk that PNG has for comments (https://www.w3.org/TR/png-3/#11iTXt); "" for none."""
    for _number in range(CHUNKS):
        head = file.read(8)
        if len(head) < 8:
            raise Refused("damaged")
        length, kind = struct.unpack(">I4s", head)
        if kind in (b"IDAT", b"IEND"):
            return ""
        if kind == b"iTXt" and length <= most_bytes:
            data = file.read(length)
            keyword, _zero, rest = data.partition(b"\0")
            if keyword == KEYWORD and len(rest) > 2:
                _language, _translated, text = rest[2:].split(b"\0", 2)
                if rest[0]:
                    unpacking = zlib.decompressobj()
                    text = unpacking.decompress(text, most_bytes)
                    if unpacking.unconsumed_tail:
                        raise Refused("long")
                return text.decode("utf-8")
            file.seek(4, 1)
        else:
            if kind == b"iTXt":
                raise Refused("long")
            file.seek(length + 4, 1)
    raise Refused("damaged")


def comment_of_video(file):
    """The comment of an MP4 or an M4A; "" for none."""
    import av

    with av.open(file, options=OPTIONS) as container:
        return container.metadata.get("comment", "")


def comment_of(given, most_bytes):
    with open(given, "rb") as file:
        if file.read(len(PNG)) == PNG:
            comment = comment_of_png(file, most_bytes)
        else:
            file.seek(0)
            comment = comment_of_video(file)
    if len(comment.encode("utf-8", "replace")) > most_bytes:
        raise Refused("long")
    return comment


def main(given, most_bytes):
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (PROCESSOR_SECONDS, PROCESSOR_SECONDS))
    try:
        print(json.dumps({"comment": comment_of(given, int(most_bytes))}))
    except Refused as why:
        print(json.dumps({"refused": str(why)}))
        return 2
    except (OSError, ValueError, MemoryError, zlib.error):  # PyAV's errors are OSErrors and ValueErrors
        print(json.dumps({"refused": "damaged"}))
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
