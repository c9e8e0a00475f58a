"""What identifies a person or company outside: tax numbers, phones, e-mail and web addresses, countries.

Each `normalise_` and `check_` answers the form to store and compare, or raises an error whose `key` the
caller translates.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from stdnum import exceptions as stdnum_errors
from stdnum import get_cc_module

from clientela.kit.countries import countries, country_code_of, country_name

if TYPE_CHECKING:
    from stdnum.util import NumberValidationModule

__all__ = [
    "InvalidEmail",
    "InvalidIdentifier",
    "InvalidPhone",
    "InvalidTaxId",
    "InvalidUrl",
    "check_tax_id",
    "countries",
    "country_code_of",
    "country_name",
    "email_domain",
    "format_phone",
    "format_tax_id",
    "normalise_email",
    "normalise_phone",
    "normalise_url",
    "tax_id_label",
]

_LONGEST_TAX_ID = 40
_LONGEST_PHONE = 60
_LONGEST_EMAIL = 254
_LONGEST_LOCAL_PART = 64
_LONGEST_URL = 2_000


class InvalidIdentifier(ValueError):
    """A value that cannot be what it is meant to be. `key` says why, for the caller to put in words."""

    def __init__(self, key: str, value: str) -> None:
        super().__init__(f"{key}: {value[:80]!r}")
        self.key = key
        self.value = value


class InvalidTaxId(InvalidIdentifier):
    """key: "format", "length", "checksum" or "component" (a part such as a date or an office that cannot
    be)."""


class InvalidPhone(InvalidIdentifier):
    """key: "format" (no phone number), "country" (no prefix and no region given), "too_short" or
    "too_long"."""


class InvalidEmail(InvalidIdentifier):
    """key: "format" or "too_long"."""


class InvalidUrl(InvalidIdentifier):
    """key: "format", "scheme" (only http and https are web addresses) or "too_long"."""


# The numbers python-stdnum checks for each country; a value that fits any of them is right.
_TAX_NUMBERS: Final[dict[str, tuple[str, ...]]] = {
    "ES": ("es.nif",), "PT": ("pt.nif",), "FR": ("fr.tva", "fr.siren", "fr.siret"),
    "DE": ("de.vat", "de.stnr", "de.idnr"), "IT": ("it.iva", "it.codicefiscale"), "MX": ("mx.rfc",),
    "CO": ("co.nit",), "AR": ("ar.cuit",), "CL": ("cl.rut",), "PE": ("pe.ruc", "pe.cui"),
    "EC": ("ec.ruc", "ec.ci"), "VE": ("ve.rif",), "UY": ("uy.rut",), "DO": ("do.rnc", "do.cedula"),
    "GT": ("gt.nit",), "CR": ("cr.cpj", "cr.cpf", "cr.cr"), "PY": ("py.ruc",), "BR": ("br.cnpj", "br.cpf"),
    "US": ("us.ein", "us.tin"), "GB": ("gb.vat", "gb.utr"), "SV": ("sv.nit",), "CH": ("ch.uid", "ch.vat"),
    "IE": ("ie.vat",),
}  # fmt: skip

_TAX_LABELS: Final[dict[str, str]] = {
    "ES": "NIF", "PT": "NIF", "AD": "NRT", "FR": "N.º TVA", "DE": "USt-IdNr.", "AT": "UID", "CH": "UID",
    "IT": "Partita IVA", "MX": "RFC", "CO": "NIT", "AR": "CUIT", "CL": "RUT", "PE": "RUC", "EC": "RUC",
    "VE": "RIF", "UY": "RUT", "DO": "RNC", "GT": "NIT", "CR": "Cédula jurídica", "PY": "RUC", "BO": "NIT",
    "SV": "NIT", "HN": "RTN", "NI": "RUC", "PA": "RUC", "CU": "NIT", "BR": "CNPJ", "US": "EIN", "GB": "VAT",
    "IE": "VAT", "NL": "Btw", "BE": "BTW",
}  # fmt: skip

# How far a value got in a check: of several numbers' complaints the furthest is the most telling.
_COMPLAINTS: Final = (
    (stdnum_errors.InvalidChecksum, "checksum"),
    (stdnum_errors.InvalidComponent, "component"),
    (stdnum_errors.InvalidLength, "length"),
    (stdnum_errors.InvalidFormat, "format"),
)
_UNCHECKED: Final = re.compile(r"[^\W_]([^\W_]|[ ./-])*")


def check_tax_id(country: str, value: str) -> str:
    """The tax number as stored: capitals, no separators nor country prefix, its check digits right.

    country: ISO 3166 two-letter code. For countries without a known check any letters and digits will do.
    Raises InvalidTaxId.
    """
    if len(value) > _LONGEST_TAX_ID:
        raise InvalidTaxId("length", value)
    modules = _tax_modules(country.upper())
    if not modules:
        return _unchecked(value)
    complaints = set()
    for module in modules:
        try:
            return str(module.validate(value)).upper()
        except stdnum_errors.ValidationError as error:
            complaints.add(next(key for kind, key in _COMPLAINTS if isinstance(error, kind)))
    raise InvalidTaxId(next(key for _, key in _COMPLAINTS if key in complaints), value)


def _unchecked(value: str) -> str:
    bare = value.strip()
    if not _UNCHECKED.fullmatch(bare):
        raise InvalidTaxId("format", value)
    return re.sub(r"[ ./-]", "", bare).upper()


@lru_cache(maxsize=512)
def _tax_modules(country: str) -> tuple[NumberValidationModule, ...]:
    if names := _TAX_NUMBERS.get(country):
        found = (get_cc_module(*name.split(".")) for name in names)
        return tuple(module for module in found if module)
    if not re.fullmatch(r"[A-Z]{2}", country):
        return ()
    module = get_cc_module(country.lower(), "vat")
    return (module,) if module else ()


def format_tax_id(country: str, value: str) -> str:
    """A stored tax number as people of the country write it: "76.086.428-5"; unchanged where there is no
    custom."""
    for module in _tax_modules(country.upper()):
        if module.is_valid(value):
            form = getattr(module, "format", None)
            return str(form(value)) if form else value
    return value


def tax_id_label(country: str) -> str:
    """What the country calls a company's tax number: NIF, NIT, RFC... Empty when unknown: the caller has a
    general word."""
    return _TAX_LABELS.get(country.upper(), "")


def normalise_phone(text: str, region: str | None = None) -> str:
    """The number in E.164 ("+34976550182"), an extension after it as RFC 3966 has it (";ext=12").

    region: ISO country whose national notation to assume without a prefix. A number needs a possible
    length, no assigned range: numbering plans change faster than releases. Raises InvalidPhone; an import
    may keep the text.
    """
    import phonenumbers  # 90 ms to import: only those who read a phone pay

    if len(text) > _LONGEST_PHONE:
        raise InvalidPhone("too_long", text)
    try:
        number = phonenumbers.parse(text, region.upper() if region else None)
    except phonenumbers.NumberParseException as error:
        unknown = error.error_type == phonenumbers.NumberParseException.INVALID_COUNTRY_CODE
        raise InvalidPhone("country" if unknown else "format", text) from error
    reason = phonenumbers.is_possible_number_with_reason(number)
    if reason not in (
        phonenumbers.ValidationResult.IS_POSSIBLE,
        phonenumbers.ValidationResult.IS_POSSIBLE_LOCAL_ONLY,
    ):
        raise InvalidPhone(
            "too_long" if reason == phonenumbers.ValidationResult.TOO_LONG else "too_short", text
        )
    plain = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return f"{plain};ext={number.extension}" if number.extension else plain


@lru_cache(maxsize=8192)
def format_phone(stored: str, region: str | None = None) -> str:
    """A stored phone for reading: nationally ("976 55 01 82") in its own region, else internationally.

    Text that is no E.164 number comes back as it is.
    """
    import phonenumbers

    if not stored.startswith("+"):
        return stored
    try:
        number = phonenumbers.parse(stored.replace(";ext=", " ext. "), None)
    except phonenumbers.NumberParseException:
        return stored
    at_home = region is not None and number.country_code == phonenumbers.country_code_for_region(
        region.upper()
    )
    style = (
        phonenumbers.PhoneNumberFormat.NATIONAL if at_home else phonenumbers.PhoneNumberFormat.INTERNATIONAL
    )
    return str(phonenumbers.format_number(number, style))


_EMAIL: Final = re.compile(
    r"([^\s@<>(),;:\"\[\]\\\x00-\x1f]+)@([^\W_](?:[\w-]*[^\W_])?(?:\.[^\W_](?:[\w-]*[^\W_])?)+)"
)
_NAMED_EMAIL: Final = re.compile(r"[^<>]*<([^<>]+)>")


def normalise_email(text: str) -> str:
    """The address in lower case, out of "mailto:" or "Name <address>". Raises InvalidEmail."""
    written = text.strip()
    if named := _NAMED_EMAIL.fullmatch(written):
        written = named[1].strip()
    written = written.removeprefix("mailto:").casefold()
    if len(written) > _LONGEST_EMAIL or len(written.partition("@")[0]) > _LONGEST_LOCAL_PART:
        raise InvalidEmail("too_long", text)
    found = _EMAIL.fullmatch(written)
    if found is None or ".." in found[1] or found[1].startswith(".") or found[1].endswith("."):
        raise InvalidEmail("format", text)
    return written


def email_domain(email: str) -> str:
    """What stands after the @, in lower case; empty without one."""
    return email.rpartition("@")[2].strip().casefold() if "@" in email else ""


_HOST: Final = re.compile(
    r"(?:[^\W_](?:[\w-]*[^\W_])?\.)+[^\W\d_][\w-]*[^\W_]|localhost|(?:\d{1,3}\.){3}\d{1,3}"
)


def normalise_url(text: str) -> str:
    """A web address with its scheme (https when none is written) and its host in lower case. Raises
    InvalidUrl."""
    written = text.strip()
    if len(written) > _LONGEST_URL:
        raise InvalidUrl("too_long", text)
    if any(letter.isspace() or ord(letter) < 32 for letter in written):
        raise InvalidUrl("format", text)
    if not re.match(r"[A-Za-z][A-Za-z0-9+.-]*://", written):
        if re.match(r"[A-Za-z][A-Za-z0-9+-]*:(?!\d)", written):
            raise InvalidUrl("scheme", text)
        written = "https://" + written.removeprefix("//")
    return _web_address(written, text)


def _web_address(written: str, text: str) -> str:
    try:
        parts = urlsplit(written)
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError as error:
        raise InvalidUrl("format", text) from error
    if parts.scheme not in ("http", "https"):
        raise InvalidUrl("scheme", text)
    if not _HOST.fullmatch(host) or parts.username is not None:
        raise InvalidUrl("format", text)
    place = host if port in (None, {"http": 80, "https": 443}[parts.scheme]) else f"{host}:{port}"
    path = "" if parts.path == "/" and not parts.query and not parts.fragment else parts.path
    return parts._replace(netloc=place, path=path).geturl()
