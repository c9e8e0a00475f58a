"""Pure functions every other layer may use: text, money, numbers, dates, ids and tabular files. No models."""
