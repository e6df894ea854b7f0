"""Run as a process of its own: what files say of themselves, for a file that was made from them.

    python credentials_gathering.py FOLDER

FOLDER/asked.json is a list of [JSON of a C2PA ingredient, media type, path]. For each whose file can be read an archive
of that ingredient is written, FOLDER/0, FOLDER/1 and so on, with the credentials that the file has. It takes little
memory and time and asks no address: credentials that lie elsewhere are not fetched. On its last line it prints JSON:
{"gathered": [number, …]}.
"""

import json
import os
import resource
import sys

MEMORY_BYTES = 3 * 1024**3
PROCESSOR_SECONDS = 50
# Pictures of them would be larger than a short clip, and show to whoever gets the file what it was made from. And C2PA
# would ask whatever address a file names for its credentials.
SETTINGS = {
    "builder": {"thumbnail": {"enabled": False}},
    "verify": {"remote_manifest_fetch": False, "ocsp_fetch": False},
}


def main(folder):
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (PROCESSOR_SECONDS, PROCESSOR_SECONDS))
    import c2pa

    with open(os.path.join(folder, "asked.json")) as file:
        asked = json.load(file)
    gathered = []
    context = c2pa.Context(c2pa.Settings.from_dict(SETTINGS))
    for number, (ingredient, kind, path) in enumerate(asked):
        try:
            with open(path, "rb") as file, c2pa.Builder({"ingredients": []}, context) as builder:
                builder.add_ingredient(json.dumps(ingredient), kind, file)
                with open(os.path.join(folder, str(number)), "w+b") as archive:
                    builder.write_ingredient_archive(ingredient["instance_id"], archive)
        except (c2pa.C2paError, OSError, ValueError):
            continue
        gathered.append(number)
    return {"gathered": gathered}


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1])))
