"""Tabular files: CSV in any common encoding, XLSX, ODS and XLS read as one kind of table; CSV and XLSX
written."""

from clientela.kit.tables.guess import Kind, guess_kind, is_empty_marker, parse_boolean
from clientela.kit.tables.opening import open_table
from clientela.kit.tables.table import Cell, Table, TableError
from clientela.kit.tables.writing import csv_chunks, write_csv, write_xlsx

__all__ = [
    "Cell",
    "Kind",
    "Table",
    "TableError",
    "csv_chunks",
    "guess_kind",
    "is_empty_marker",
    "open_table",
    "parse_boolean",
    "write_csv",
    "write_xlsx",
]
