"""The parts of the tabular adapter: bytes to text, text to rows, columns to roles, rows to records."""
