"""A call as code: by Runway's client for Python, by the one for JavaScript, and by curl."""

import json
import re
from urllib.parse import urlencode

LINE = 88  # letters; what is longer is written on several lines
RENAMED = {"from": "from_"}  # a word of Python's own
PYTHON_ALONE = ("video_to_audio.create",)  # @runwayml/sdk 4.20.1 has no method for it

# What comes line by line, which Runway's clients do not know of.
PYTHON_STREAM = """\
import os
from urllib.request import Request, urlopen

headers = {
    "Authorization": f"Bearer {os.environ['RUNWAYML_API_SECRET']}",
    "X-Runway-Version": "2024-11-06",
}
with urlopen(Request(f"{os.environ['RUNWAYML_BASE_URL']}PATH", headers=headers)) as lines:
    for line in lines:
        print(line.decode(), end="")
"""
JAVASCRIPT_STREAM = """\
const headers = {
  Authorization: `Bearer ${process.env.RUNWAYML_API_SECRET}`,
  "X-Runway-Version": "2024-11-06",
}
const answer = await fetch(`${process.env.RUNWAYML_BASE_URL}PATH`, { headers })
for await (const piece of answer.body) process.stdout.write(piece)
"""


def snake(name):
    """promptText → prompt_text"""
    return RENAMED.get(name, re.sub(r"(?<=[a-z0-9])[A-Z]", lambda letter: f"_{letter[0].lower()}", name))


def camel(name):
    """text_to_video → textToVideo"""
    head, *rest = name.split("_")
    return head + "".join(part.title() for part in rest)


def python(method, path, example):
    """`example`: as in `examples.EXAMPLES`."""
    if "stream" in example:
        return PYTHON_STREAM.replace("PATH", _filled(path, example))
    client = example.get("client")
    given = list(example.get("path", {}).values())
    if client:
        named = example.get("query", {}) | example.get("body", {})
        arguments = [_py(value) for value in given]
        kept = example.get("verbatim", ())
        arguments += [
            f"{snake(name)}={_py(value if name in kept else _snaked(value), 1)}" for name, value in named.items()
        ]
        call = _called(f"client.{client}", arguments)
    else:
        arguments = [_py(_filled(path, example)), "cast_to=object"]
        if "body" in example:
            arguments.append(f"body={_py(example['body'], 1)}")
        if "query" in example:
            arguments.append(f"options={{'params': {_py(example['query'])}}}".replace("'", '"'))
        call = _called(f"client.{method}", arguments)
    return f"from runwayml import RunwayML\n\nclient = RunwayML()\nanswer = {call}\nprint(answer)\n"


def javascript(method, path, example):
    if "stream" in example:
        return JAVASCRIPT_STREAM.replace("PATH", _filled(path, example))
    client = example.get("client")
    given = list(example.get("path", {}).values())
    if client and client not in PYTHON_ALONE:
        named = example.get("query", {}) | example.get("body", {})
        arguments = [json.dumps(value) for value in given] + ([_js(named)] if named else [])
        call = f"client.{'.'.join(map(camel, client.split('.')))}({', '.join(arguments)})"
    else:
        options = {name: example[name] for name in ("query", "body") if name in example}
        arguments = [json.dumps(_filled(path, example))] + ([_js(options)] if options else [])
        call = f"client.{method}({', '.join(arguments)})"
    return (
        f'import RunwayML from "@runwayml/sdk"\n\nconst client = new RunwayML()\nconst answer = await {call}\n'
        "console.log(answer)\n"
    )


def curl(method, path, example, *, keyed=True):
    address = _filled(path, example)
    if "query" in example:
        address += "?" + urlencode(example["query"])
    options = "-sSN" if "stream" in example else "-sS"
    lines = [f'curl {options} -X {method.upper()} "$RUNWAYML_BASE_URL{address}"']
    if keyed:
        lines.append('-H "Authorization: Bearer $RUNWAYML_API_SECRET"')
        lines.append('-H "X-Runway-Version: 2024-11-06"')
    if "body" in example:
        lines.append('-H "Content-Type: application/json"')
        # Within single quotes the shell takes everything for what it is but a single quote.
        body = json.dumps(example["body"], indent=2, ensure_ascii=False).replace("'", "'\\''")
        lines.append(f"-d '{body}'")
    return " \\\n  ".join(lines) + "\n"


def _filled(path, example):
    for name, value in example.get("path", {}).items():
        path = path.replace(f"{{{name}}}", str(value))
    return path


def _called(name, arguments):
    line = f"{name}({', '.join(arguments)})"
    if len(line) <= LINE - len("answer = ") and "\n" not in line:
        return line
    return f"{name}(\n" + "".join(f"    {argument},\n" for argument in arguments) + ")"


def _snaked(value):
    """The same with the names that the client for Python has for fields."""
    if isinstance(value, dict):
        return {snake(name): _snaked(one) for name, one in value.items()}
    return [_snaked(one) for one in value] if isinstance(value, list) else value


def _py(value, depth=0):
    """A value as Python, on lines of its own where it is long."""
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if not isinstance(value, (dict, list)):
        return repr(value)
    mapping = isinstance(value, dict)
    parts = [f"{json.dumps(one)}: {_py(value[one], depth + 1)}" if mapping else _py(one, depth + 1) for one in value]
    return _nested(parts, "{}" if mapping else "[]", depth, "    ", trailing=",")


def _js(value, depth=0):
    """A value as JavaScript, on lines of its own where it is long."""
    if not isinstance(value, (dict, list)):
        return json.dumps(value, ensure_ascii=False)
    mapping = isinstance(value, dict)
    parts = [
        f"{one if one.isidentifier() else json.dumps(one)}: {_js(value[one], depth + 1)}"
        if mapping
        else _js(one, depth + 1)
        for one in value
    ]
    if mapping and depth == 0:
        return "{\n" + "".join(f"  {part},\n" for part in parts) + "}"
    return _nested(parts, "{ }" if mapping else "[]", depth, "  ", trailing=",")


def _nested(parts, brackets, depth, indent, trailing):
    opened, closed = brackets[0], brackets[-1]
    space = " " if " " in brackets and parts else ""
    line = f"{opened}{space}{', '.join(parts)}{space}{closed}"
    if len(line) + len(indent) * depth <= LINE - 16 and "\n" not in line:
        return line
    inner = indent * (depth + 1)
    return opened + "\n" + "".join(f"{inner}{part}{trailing}\n" for part in parts) + indent * depth + closed
