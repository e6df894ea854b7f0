"""What ninja knows of the routes of several APIs, with one name for each schema."""

from typing import Any

from ninja import NinjaAPI
from ninja.openapi.schema import REF_TEMPLATE, NinjaGenerateJsonSchema, OpenAPISchema

REF = REF_TEMPLATE.format(model="")


class Schemas(OpenAPISchema):
    """The document of one API; its schemas go to `shared`.

    ninja lets the last of two classes of the same name win; here the second is called by its name and a number.
    """

    def __init__(self, api: NinjaAPI, path_prefix: str, shared: dict[str, Any]):
        self.shared = shared
        super().__init__(api, path_prefix)

    def _create_schema_from_model(self, *args, **kwargs):
        self.schemas = {}
        schema, required = super()._create_schema_from_model(*args, **kwargs)
        return renamed(schema, self._settle(self.schemas)), required

    def _extract_parameters(self, model):
        self.schemas = {}
        found = super()._extract_parameters(model)
        names = self._settle(self.schemas)
        return [renamed(one, names) for one in found]

    def _settle(self, found):
        return settle(found, self.shared)


def shared_by(model, shared):
    """A reference to the schema of a class that is in no route; it and what it holds go to `shared`."""
    whole = model.model_json_schema(ref_template=REF_TEMPLATE, schema_generator=NinjaGenerateJsonSchema)
    found = whole.pop("$defs", {}) | {model.__name__: whole}
    return {"$ref": REF + settle(found, shared)[model.__name__]}


def settle(found, shared):
    """Add definitions to those that are shared, and return what each is called there."""
    names: dict[str, str] = {}
    while True:
        before = dict(names)
        for name, definition in found.items():
            names[name] = _free(name, renamed(definition, names), shared)
        if names == before:
            break
    shared.update({names[name]: renamed(definition, names) for name, definition in found.items()})
    return names


def _free(name, definition, shared):
    number, free = 1, name
    while shared.get(free, definition) != definition:
        number += 1
        free = f"{name}{number}"
    return free


def renamed(schema, names):
    """The same with its references by other names."""
    if isinstance(schema, dict):
        return {
            key: REF + names.get(value.removeprefix(REF), value.removeprefix(REF))
            if key == "$ref" and isinstance(value, str)
            else renamed(value, names)
            for key, value in schema.items()
        }
    return [renamed(one, names) for one in schema] if isinstance(schema, list) else schema
