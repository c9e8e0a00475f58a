"""How other systems head the columns of accounts, contacts and their words (Spanish, Catalan, English).

Plain data for the descriptions' `import_names`; the most usual first.
"""

from __future__ import annotations

Headings = dict[str, tuple[str, ...]]

CLASSIFIED: Headings = {
    "source": (
        "lead source", "account source", "original source", "origen", "procedencia", "fuente", "canal",
        "medium",
    ),
    "sector": ("industry", "industria", "actividad", "ramo", "activitat"),
    "zone": ("zona", "territory", "territorio", "territori"),
    "tags": ("tag", "etiquetas", "etiquetes", "labels", "categories", "categorias", "category id"),
    "currency": ("currency iso code", "moneda", "divisa", "deal currency code"),
}  # fmt: skip

COMPANY: Headings = {
    "parent": (
        "parent id", "parent record id", "matriz", "pertenece a", "grupo", "parent company",
    ),
    "tax_id": (
        "vat", "vat number", "nif", "cif", "nif cif", "cif nif", "dni", "rfc", "nit", "ruc", "rut", "cuit",
        "nif nit", "identificacion fiscal", "numero fiscal", "tax number",
    ),
    "employees": (
        "number of employees", "empleados", "num empleados", "numero de empleados", "treballadors",
        "plantilla", "no of employees",
    ),
    "annual_revenue": (
        "revenue", "facturacion", "facturacion anual", "turnover", "volumen", "volumen de negocio",
        "ventas anuales", "ingresos anuales", "facturacio", "facturacio anual", "volum de negoci",
    ),
}  # fmt: skip

ACCOUNT: Headings = {
    "": ("cliente", "customer", "client", "empresa", "company", "proveedor", "organization"),
    "name": (
        "razon social", "nombre comercial", "business name", "trade name", "denominacion", "rao social",
    ),
    **CLASSIFIED,
    **COMPANY,
}  # fmt: skip

CONTACT: Headings = {
    "": ("persona", "person"),
    "account": ("company", "company name", "empresa", "organization", "cliente"),
    "role": ("rol", "rol de contacto", "contact role", "rol del contacto", "rol del contacte"),
    "birthday": ("birthdate", "birth date", "date of birth", "nacimiento", "fecha de nacimiento"),
    **CLASSIFIED,
}
