"""The face of Clientela: shell, macros, stylesheet, behaviours and icons. Knows no kind of record."""
