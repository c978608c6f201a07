"""DRAW: paper and files. Plain data in, bytes out; a document knows no row, no request and no provider."""
