"""An app that exists only in tests: a record with every kind of field and relation."""
