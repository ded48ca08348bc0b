"""From bytes to a table: formats, delimited text, workbooks, encodings, header, kinds."""
