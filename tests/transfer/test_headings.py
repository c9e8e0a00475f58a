"""Whole sheets as companies keep them, in Spanish and Catalan: each column finds its field."""

from __future__ import annotations

import pytest

from clientela.access.actor import SYSTEM, actor_of
from clientela.platform.transfer import services
from clientela.platform.transfer.mapping import recognise
from clientela.records import registry
from tests.transfer import files

pytestmark = pytest.mark.django_db

CUSTOMERS = {
    "Código cliente": "external_id", "Razón social": "name", "CIF": "tax_id", "Dirección": "street",
    "C.P.": "postal_code", "Población": "city", "Provincia": "region", "País": "country",
    "Teléfono": "phone", "E-mail": "email", "Web": "website", "Sector": "sector", "Zona": "zone",
    "Comercial": "owner", "Facturación": "annual_revenue", "Nº empleados": "employees",
    "Observaciones": "description", "Fecha alta": "created_at", "Origen": "source", "Tipo": "kind",
    "Etiquetas": "tags",
}  # fmt: skip
CLIENTS = {
    "Codi client": "external_id", "Raó social": "name", "NIF": "tax_id", "Adreça": "street",
    "Codi postal": "postal_code", "Població": "city", "Província": "region", "País": "country",
    "Telèfon": "phone", "Correu electrònic": "email", "Lloc web": "website", "Responsable": "owner",
    "Facturació": "annual_revenue", "Treballadors": "employees", "Observacions": "description",
    "Data d'alta": "created_at", "Origen": "source", "Tipus": "kind",
}  # fmt: skip
PEOPLE = {
    "Nombre": "first_name", "Apellidos": "last_name", "Empresa": "account", "Cargo": "job_title",
    "Departamento": "department", "Correo": "email", "Teléfono": "phone", "Cumpleaños": "birthday",
    "Tratamiento": "salutation", "Rol": "role", "Notas": "description",
}  # fmt: skip
DEALS = {
    "Oportunidad": "name", "Cliente": "account", "Importe": "amount", "Divisa": "currency",
    "Probabilidad": "probability", "Etapa": "stage", "Fecha prevista de cierre": "close_date",
    "Próximo paso": "next_step", "Comercial": "owner", "Fecha de creación": "created_at",
}  # fmt: skip


@pytest.mark.parametrize(
    ("key", "sheet"),
    [("account", CUSTOMERS), ("account", CLIENTS), ("contact", PEOPLE), ("opportunity", DEALS)],
)
def test_each_column_finds_its_field(key, sheet):
    found = recognise(registry.get(key), SYSTEM, list(sheet), [[""] * len(sheet)])

    assert {each.column: each.target for each in found} == sheet


@pytest.mark.parametrize("key", ["contact", "lead"])
def test_a_first_name_is_kept_whatever_its_column_is_called(key, cast, tmp_path, settings):
    # given
    settings.MEDIA_ROOT = tmp_path / "media"
    spec, actor = registry.get(key), actor_of(cast.admin)
    sheets: tuple[tuple[str, dict[str, str]], ...] = (
        ("Nombre;Apellidos\nAna;Ruiz Gil\n", {}),
        ("Nombre completo;Apellidos\nEva Sanz;Sanz\n", {}),
        ("Nom;Cognoms\nPau;Puig\n", {"name": "Nom", "last_name": "Cognoms"}),
    )
    # when
    for text, choices in sheets:
        services.run_file(spec, files.write(tmp_path, text), actor=actor, choices=choices)
    # then
    people = spec.model._default_manager.order_by("pk").values_list("name", "first_name", "last_name")
    assert list(people) == [
        ("Ana Ruiz Gil", "Ana", "Ruiz Gil"),
        ("Eva Sanz", "Eva", "Sanz"),
        ("Pau Puig", "Pau", "Puig"),
    ]
