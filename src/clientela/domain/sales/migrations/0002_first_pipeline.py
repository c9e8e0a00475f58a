"""A first pipeline, so that a deal can be entered before anybody has set anything up."""

from django.db import migrations

STAGES = (
    ("Nuevo contacto", "open", 10, "gray", 14),
    ("Visita técnica", "open", 25, "blue", 14),
    ("Presupuesto", "open", 50, "violet", 14),
    ("Negociación", "open", 70, "amber", 14),
    ("Compromiso", "open", 90, "teal", 14),
    ("Ganada", "won", 100, "green", 0),
    ("Perdida", "lost", 0, "red", 0),
)
LOST_REASONS = (
    ("Precio", "red"),
    ("Plazo de entrega", "orange"),
    ("Competencia", "violet"),
    ("Sin presupuesto", "amber"),
    ("Proyecto anulado", "gray"),
    ("No responde", "brown"),
)


def add_pipeline(apps, schema_editor):
    pipeline = apps.get_model("sales", "Pipeline").objects.create(name="Ventas", is_default=True)
    stage = apps.get_model("sales", "Stage")
    stage.objects.bulk_create(
        [
            stage(
                pipeline=pipeline,
                position=position,
                name=name,
                kind=kind,
                probability=probability,
                color=color,
                stalled_after=days,
            )
            for position, (name, kind, probability, color, days) in enumerate(STAGES)
        ]
    )
    reason = apps.get_model("sales", "LostReason")
    reason.objects.bulk_create([reason(name=name, color=color) for name, color in LOST_REASONS])


class Migration(migrations.Migration):
    dependencies = [("sales", "0001_initial")]
    operations = [migrations.RunPython(add_pipeline, migrations.RunPython.noop)]
