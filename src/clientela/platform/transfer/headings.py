"""How the columns of other systems are usually headed, in Spanish, Catalan and English.

By names of fields that many records have; what belongs to a kind of record stands in its description
(`import_names`). Everything is compared squashed: folded, without blanks and signs.
"""

from __future__ import annotations

import re
import unicodedata

from clientela.kit.text import fold

FIELD_NAMES: dict[str, tuple[str, ...]] = {
    "external_id": (
        "id", "record id", "external id", "id externo", "codigo", "code", "codi", "reference",
        "referencia", "ref", "clave", "key", "guid", "uuid", "xml id", "identificador",
    ),
    "name": ("name", "nombre", "nom", "full name", "nombre completo", "display name", "complete name"),
    "first_name": ("first name", "given name", "nombre de pila", "nom de pila", "fname", "forename"),
    "last_name": (
        "last name", "surname", "family name", "apellidos", "apellido", "cognoms", "cognom", "lname",
    ),
    "salutation": ("salutation", "tratamiento", "tractament", "prefix"),
    "job_title": (
        "job title", "title", "job position", "position", "cargo", "puesto", "carrec", "function",
    ),
    "department": ("department", "departamento", "departament"),
    "email": (
        "email", "e mail", "email address", "mail", "correo", "correo electronico", "correo e",
        "direccion de correo", "correu", "correu electronic", "adreca electronica", "email 1",
        "e mail 1 value",
    ),
    "phone": (
        "phone", "phone number", "telephone", "tel", "tfno", "telefono", "telefon", "telefono fijo",
        "business phone", "work phone", "office phone", "main phone", "telefono 1", "phone 1 value",
    ),
    "street": (
        "street", "street address", "address", "address line 1", "address 1", "direccion", "domicilio",
        "calle", "adreca", "carrer", "mailing street", "primary street", "direccion 1",
    ),
    "city": (
        "city", "town", "ciudad", "poblacion", "localidad", "municipio", "ciutat", "poblacio",
        "localitat", "municipi", "mailing city", "primary city",
    ),
    "postal_code": (
        "postal code", "zip", "zip code", "post code", "codigo postal", "cp", "cod postal",
        "codi postal", "mailing postal code", "mailing zip", "postalcode",
    ),
    "region": (
        "region", "state", "province", "state region", "provincia", "comunidad", "estado provincia",
        "comarca", "mailing state", "mailing province", "county",
    ),
    "country": (
        "country", "country region", "pais", "mailing country", "country code", "country name",
        "codigo pais",
    ),
    "website": (
        "website", "web site", "web", "url", "pagina web", "sitio web", "lloc web", "domain",
        "homepage",
    ),
    "description": (
        "description", "descripcion", "descripcio", "notes", "notas", "observaciones", "comentarios",
        "comments", "notes internes", "comment", "about us", "remarks", "observacions", "comentaris",
    ),
    "owner": (
        "owner", "owner id", "responsable", "comercial", "vendedor", "salesperson", "assigned to",
        "asignado a", "propietario", "venedor", "record owner", "user id",
    ),
    "amount": (
        "amount", "importe", "import", "monto", "valor", "value", "total",
    ),
    "status": ("status", "estado", "estat", "situacion"),
    "kind": ("type", "tipo", "relationship", "relacion", "classification", "clasificacion", "tipus"),
    "color": ("color", "colour"),
    "created_at": (
        "created date", "create date", "created on", "created at", "creation date", "date created",
        "created time", "fecha de creacion", "creado el", "fecha de alta", "data de creacio", "creat el",
        "data d alta", "fecha alta", "data alta", "fecha creacion", "data creacio", "fecha de registro",
    ),
}  # fmt: skip

# Kinds of line (a telephone's, an address's) by the words other systems use for them.
LINE_KINDS: dict[str, tuple[str, ...]] = {
    "mobile": ("mobile", "mobil", "movil", "cell", "cellular", "celular", "telefono movil", "gsm"),
    "fax": ("fax",),
    "home": ("home", "casa", "particular", "personal", "private"),
    "work": ("work", "trabajo", "office", "business", "oficina", "feina"),
    "billing": ("billing", "invoice", "facturacion", "facturacio", "fiscal"),
    "shipping": ("shipping", "delivery", "envio", "entrega", "lliurament", "enviament"),
    "other": ("other", "otro", "otra", "altre", "altra", "assistant"),
}
ALONE = ("mobile", "fax")
# Columns that Clientela itself adds to a file of rejected rows.
OWN_COLUMNS = frozenset(("clientelarow", "clientelareason"))
_GLUE = frozenset(
    ("de", "del", "la", "el", "los", "las", "d", "l", "of", "the", "i", "y", "and", "no", "num")
)
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W\d_]+")
_CUSTOM = re.compile(r"__c$")


def words(heading: str) -> list[str]:
    """The words of a heading, folded: "CodPostalDestinatario__c" gives cod, postal, destinatario."""
    bare = _CUSTOM.sub("", heading.strip())
    if not bare.isascii():
        bare = "".join(
            letter for letter in unicodedata.normalize("NFKD", bare) if not unicodedata.combining(letter)
        )
    return [fold(word) for word in _WORDS.findall(bare)]


def squash(heading: str) -> str:
    """A heading as headings are compared: its words, folded, in one."""
    return "".join(words(heading))


def without(heading: str, own: frozenset[str]) -> str:
    """The heading without the words that name the record itself, squashed: "NombreCliente" gives nombre."""
    return "".join(word for word in words(heading) if word not in own and word not in _GLUE)
