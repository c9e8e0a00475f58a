"""The files of a record in the OpenAPI document."""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]
FILE_ID: Schema = {
    "name": "file",
    "in": "path",
    "required": True,
    "schema": {"type": "integer", "format": "int64", "minimum": 1},
}
_FIELDS: Schema = {
    "id": {"type": "integer"},
    "name": {"type": "string"},
    "content_type": {"type": "string", "description": "Found out from the content."},
    "size": {"type": "integer", "description": "Bytes."},
    "created_at": {"type": "string", "format": "date-time"},
    "created_by": {"type": ["integer", "null"]},
    "url": {"type": "string"},
}
COMPONENT: Schema = {"type": "object", "required": list(_FIELDS), "properties": _FIELDS}
_ONE: Schema = {"$ref": "#/components/schemas/File"}
_LIST: Schema = {
    "type": "object",
    "required": ["items"],
    "properties": {"items": {"type": "array", "items": _ONE}},
}
BODY: Schema = {
    "required": True,
    "content": {
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "required": ["file"],
                "properties": {"file": {"type": "string", "format": "binary"}},
            }
        }
    },
}


def _json(words: str, schema: Schema) -> Schema:
    return {"description": words, "content": {"application/json": {"schema": schema}}}


LISTED: Schema = {"200": _json("The newest files", _LIST)}
ADDED: Schema = {"201": _json("The file as it is kept", _ONE)}
BYTES: Schema = {
    "200": {
        "description": "The bytes, as a download",
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}
GONE: Schema = {"204": {"description": "Deleted"}}
