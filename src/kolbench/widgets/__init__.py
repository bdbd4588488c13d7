"""What every screen draws with: cells of text, the virtual table, the query thread and the lean driver."""
