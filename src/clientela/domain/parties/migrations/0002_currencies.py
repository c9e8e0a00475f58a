"""The currencies of the countries Clientela is made for, at round rates to mend in Settings."""

from decimal import Decimal

from django.conf import settings
from django.db import migrations

# Units of the euro that one unit was worth, roughly, when this was written.
RATES = {
    "EUR": "1",
    "USD": "0.86",
    "GBP": "1.14",
    "CHF": "1.07",
    "MXN": "0.047",
    "COP": "0.00022",
    "ARS": "0.0006",
    "CLP": "0.00091",
    "PEN": "0.25",
    "BRL": "0.16",
    "UYU": "0.0216",
    "BOB": "0.124",
    "PYG": "0.00012",
    "CRC": "0.0017",
    "DOP": "0.0136",
    "GTQ": "0.112",
    "HNL": "0.0327",
    "NIO": "0.0234",
    "PAB": "0.86",
    "VES": "0.0035",
}


def add_currencies(apps, schema_editor):
    currency = apps.get_model("parties", "Currency")
    base = Decimal(RATES.get(settings.BASE_CURRENCY, "1"))
    currency.objects.bulk_create(
        [currency(code=code, rate=round(Decimal(rate) / base, 8)) for code, rate in RATES.items()]
    )


class Migration(migrations.Migration):
    dependencies = [("parties", "0001_initial")]
    operations = [migrations.RunPython(add_currencies, migrations.RunPython.noop)]
