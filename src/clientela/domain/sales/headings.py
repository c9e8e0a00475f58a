"""How other systems head the columns of leads and deals (Spanish, Catalan, English); the most usual first."""

from __future__ import annotations

from clientela.domain.parties.headings import CLASSIFIED, Headings

DEAL: Headings = {
    "": ("deal", "negocio", "venta"),
    "name": ("subject", "asunto", "topic"),
    **CLASSIFIED,
    "amount": ("deal amount", "expected revenue", "ingreso esperado", "estimated amount"),
    "probability": ("probabilidad", "probabilitat", "deal probability"),
    "close_date": (
        "close date", "close", "closing date", "closing", "closed on", "expected close date",
        "expected closing", "fecha de cierre", "cierre", "cierre previsto", "fecha cierre",
        "data de tancament", "tancament", "tancament previst", "data tancament", "fecha prevista",
        "fecha prevista de cierre", "fecha de cierre prevista", "fecha prevista cierre",
        "prevision de cierre", "cierre estimado", "fecha estimada de cierre", "data prevista de tancament",
        "data de tancament prevista", "previsio de tancament", "estimated close date", "forecast close date",
    ),
    "stage": ("stage name", "deal stage", "etapa", "fase", "sales stage"),
    "pipeline": ("embudo", "embut", "deal pipeline"),
    "next_step": ("proximo paso", "siguiente paso", "seguent pas"),
}  # fmt: skip

LEAD: Headings = {
    "": ("lead", "candidato"),
    **CLASSIFIED,
    "company": (
        "company name", "empresa", "organization", "organizacion", "compania", "organisation",
    ),
    "interest": ("interes", "product", "producto", "message"),
    "status": ("lead status",),
}  # fmt: skip
