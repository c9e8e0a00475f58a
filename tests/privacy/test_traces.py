"""By what a person is recognised in words that are not her own."""

from __future__ import annotations

from clientela.platform.privacy.traces import Traces


def test_words_are_taken_out_whole_and_in_any_case() -> None:
    hers = Traces(frozenset({"Ana Peña"}), frozenset({"ana@x.es"}), frozenset({"600111222"}))
    assert hers.cut("Ana Peña") == ""
    assert hers.cut("Pedido de ANA PEÑA, +34 600 11 12 22") == "Pedido de …, …"
    assert hers.cut("Mariana Peñaranda") == "Mariana Peñaranda"
    assert hers.cut("escribe a Ana@X.es hoy") == "escribe a … hoy"
    assert hers.cut("factura 600111223") == "factura 600111223"
    assert hers.cut_json({"a": ["ana@x.es", 7, None], "b": "…"}) == {"a": ["", 7, None], "b": "…"}
    assert hers.in_row("Peña;Ana;600-11-12-22")
    assert not hers.in_row("Ana;Pérez;")
