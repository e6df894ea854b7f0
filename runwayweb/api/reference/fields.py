"""The schemas of the document as rows for a reader: one field a row, with its type, its limits and what it means."""

from dataclasses import dataclass

DEEPEST = 4  # fields within fields


@dataclass(frozen=True)
class Field:
    """`name`: from the top, as in `shots[].prompt`. `choices`: the only values that are taken."""

    name: str
    type: str
    required: bool
    text: str
    limits: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    default: str = ""

    @property
    def depth(self):
        return self.name.count(".")


def fields_of(schema, components, *, prefix="", depth=0):
    """Every field of an object, what is required first, those of objects within it behind theirs. A generator of
    Field."""
    schema = resolved(schema, components)
    required = set(schema.get("required", ()))
    for name, told in sorted(schema.get("properties", {}).items(), key=lambda one: one[0] not in required):
        one = resolved(told, components)
        variants = [resolved(variant, components) for variant in one.get("anyOf", one.get("oneOf", ()))]
        variants = [variant for variant in variants if variant.get("type") != "null"]
        full = f"{prefix}{name}"
        plain = variants[0] if len(variants) == 1 else one
        yield Field(
            full,
            type_of(one, components),
            name in required,
            told.get("description") or plain.get("description", "")
            if depth or "properties" not in plain
            else told.get("description", ""),
            tuple(limits_of(plain)),
            tuple(str(value) for value in plain.get("enum", ())),
            "" if one.get("default") in (None, "") else str(one["default"]),
        )
        if depth < DEEPEST:
            for variant in variants or [one]:
                inner, mark = variant, "."
                if variant.get("type") == "array":
                    inner, mark = resolved(variant.get("items", {}), components), "[]."
                for object_ in [
                    inner,
                    *(resolved(each, components) for each in inner.get("anyOf", inner.get("oneOf", ()))),
                ]:
                    if "properties" in object_:
                        yield from fields_of(object_, components, prefix=f"{full}{mark}", depth=depth + 1)


def resolved(schema, components):
    """What a reference points at, with what stands beside the reference."""
    if "$ref" in schema:
        beside = {name: value for name, value in schema.items() if name != "$ref"}
        found = components["schemas"].get(schema["$ref"].rsplit("/", 1)[-1], {})
        return resolved(found, components) | beside
    if len(schema.get("allOf", ())) == 1:
        beside = {name: value for name, value in schema.items() if name != "allOf"}
        return resolved(schema["allOf"][0], components) | beside
    return schema


def type_of(schema, components):
    """A type in words: "string", "integer or null", "array of objects"."""
    schema = resolved(schema, components)
    if options := schema.get("anyOf", schema.get("oneOf")):
        names = [type_of(option, components) for option in options]
        return " or ".join(dict.fromkeys(name for name in names if name != "null"))
    if "const" in schema:
        return f"“{schema['const']}”"
    kind = schema.get("type", "any value")
    if kind == "array":
        inner = type_of(schema.get("items", {}), components)
        return f"array of {inner}" if " or " in inner or inner.startswith("array") else f"array of {inner}s"
    return " or ".join(kind) if isinstance(kind, list) else kind


def limits_of(schema):
    """What a value must keep to, in a few letters each."""
    for low, high, unit in (
        ("minimum", "maximum", ""),
        ("minLength", "maxLength", " letters"),
        ("minItems", "maxItems", " items"),
    ):
        least, most = schema.get(low), schema.get(high)
        if least is not None and most is not None:
            yield f"{least}–{most}{unit}"
        elif most is not None:
            yield f"at most {most}{unit}"
        elif least is not None:
            yield f"at least {least}{unit}"
    if "exclusiveMinimum" in schema:
        yield f"more than {schema['exclusiveMinimum']}"
    if "pattern" in schema:
        yield schema["pattern"]
    if schema.get("format"):
        yield schema["format"]
